#ifndef UI_TUI_VIEW_LIST_H
#define UI_TUI_VIEW_LIST_H

/* What the list's files share: keys and jobs in view_list.c and list_jobs.c, drawing in
 * list_draw.c. */

#include "ui/tui/lineedit.h"
#include "ui/tui/listmodel.h"
#include "ui/tui/view.h"

enum list_many { MANY_NONE, MANY_TAG, MANY_EDIT, MANY_TRASH, MANY_RESTORE };

#define LIST_COUNT_CAP 10001
#define LIST_QUERY_MAX 4200 /* bytes; the store takes fewer, and says so */

struct view_list {
	struct view view;
	struct listmodel *model;
	struct lineedit *line;	    /* the search as it is typed */
	bool searching;		    /* the line has the keys */
	bool live;		    /* the query in force was never confirmed by Enter */
	char query[LIST_QUERY_MAX]; /* in force */
	char kept[LIST_QUERY_MAX];  /* before the search began */
	char name[65];		    /* of the saved view that is shown; "": none */
	char saving[65];	    /* of the one that is to be replaced */
	char **views;		    /* the names of all */
	size_t view_n;
	char **offered; /* those that the chooser shows: names may come and go meanwhile */
	size_t offered_n;
	int sort;
	bool descending;
	int *columns; /* fields shown, in order */
	size_t column_n, scroll;
	int64_t count; /* of hits; -1: not known; LIST_COUNT_CAP: at least as many */
	int64_t ms;    /* that the last query took */
	uint64_t serial, generation;
	bool pending, fresh; /* a page is under way; it begins a new list */
	size_t height;	     /* lines for records at the last drawing */
	int64_t trashed, watched; /* the record that went last; when others were watched for */
	int64_t *marks; /* ids of the marked records, in order */
	size_t mark_n;
	int64_t asked;	     /* the record that a question is about */
	bool acting;	     /* ; was pressed: the next key is for many */
	enum list_many many; /* what is being asked for many, */
	bool many_all;	     /* for all hits, and not those that are marked, */
	int64_t many_hits;	 /* how many those are; -1: to be counted, */
	char many_text[ASK_MAX]; /* and with what */
	char wrong[ERR_LEN]; /* what is wrong with the query */
	size_t wrong_at;
};

/* list_jobs.c: ask for a new list; for what the model wants; whether others have written.
 */
void list_reload(struct view_list *l);
void list_begin(struct view_list *l); /* from the first record of the query in force */
void list_pump(struct view_list *l);
void list_search(struct view_list *l, bool live); /* what stands in the line */
void list_watch(struct view_list *l);
void list_count(struct view_list *l, bool with_info);

/* list_views.c: the saved views, and what chooses among them and among orders. */
void list_load_views(struct view_list *l);
void list_forget_views(struct view_list *l);
void list_forget_offered(struct view_list *l);
void list_use_view(void *arg, const char *name); /* ${arg}: the list */
void list_filter(struct view_list *l);
void list_sort_by(struct view_list *l, int sort); /* again: the other direction */
void list_sort_choose(struct view_list *l);

/* list_change.c: what is done to records. list_many_key: the key after ;. list_many_words: for
 * the status line. */
bool list_change_act(struct view_list *l, enum act act);
bool list_many_key(struct view_list *l, int key);
void list_many_words(const struct view_list *l, char *out, size_t cap);
bool list_is_marked(const struct view_list *l, int64_t id);

/* list_draw.c */
void list_draw(struct view *v);
int list_header_column(
    struct view_list *l, int col); /* field index at a column; or SORT_ID */
void list_status(struct view *v, char *out, size_t cap);

#endif
