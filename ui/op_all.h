#ifndef UI_OP_ALL_H
#define UI_OP_ALL_H

/* Every operation's row; each is defined in the op_*.c that runs it. */

#include "ui/op.h"

extern const struct op op_init, op_open, op_verify, op_info;		/* op_vault.c */
extern const struct op op_accept_older;					/* op_vault.c */
extern const struct op op_passwd;					/* op_passwd.c */
extern const struct op op_key_list;					/* op_key.c */
extern const struct op op_key_add, op_key_test;				/* op_key_change.c */
extern const struct op op_key_change, op_key_remove;			/* op_key_change.c */
extern const struct op op_key_backup, op_key_restore;			/* op_key_backup.c */
extern const struct op op_rotate;					/* op_rotate.c */
extern const struct op op_backup;					/* op_backup.c */
extern const struct op op_list, op_search;				/* op_list.c */
extern const struct op op_view_list, op_view_save, op_view_drop;	/* op_view.c */
extern const struct op op_show, op_add, op_edit, op_rm, op_restore;	/* op_record.c */
extern const struct op op_copy;						/* op_copy.c */
extern const struct op op_tag, op_tag_list;				/* op_tag.c */
extern const struct op op_history, op_revert, op_undo, op_redo;		/* op_history.c */
extern const struct op op_erase, op_purge, op_trash_list, op_trash_days;	/* op_erase.c */
extern const struct op op_duplicates;					/* op_duplicates.c */
extern const struct op op_keep, op_due;					/* op_keep.c */
extern const struct op op_import;					/* op_import.c */
extern const struct op op_import_list, op_import_undo;			/* op_import_runs.c */
extern const struct op op_export;					/* op_export.c */
extern const struct op op_export_verify;				/* op_export_verify.c */
extern const struct op op_subject_export;				/* op_subject.c */
extern const struct op op_template_list, op_template_show;		/* op_template.c */
extern const struct op op_template_drop;				/* op_template.c */
extern const struct op op_audit_list, op_audit_verify;			/* op_audit.c */
extern const struct op op_stats;						/* op_stats.c */
extern const struct op op_audit_report;					/* op_report.c */
extern const struct op op_field_class, op_field_type, op_field_drop;	/* op_field.c */
extern const struct op op_schema_show, op_field_list, op_field_add;	/* op_schema.c */
extern const struct op op_doctor;					/* op_doctor.c */
extern const struct op op_help;						/* op.c */

#endif
