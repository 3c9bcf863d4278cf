/*
 * What columns of customer files are called: synonyms of the default schema's fields. Names
 * are compared without case, blanks and signs.
 */
#include "store/import_int.h"

#include <ctype.h>
#include <string.h>

/* clang-format off: several entries of a table stand on a line */
static const struct {
	const char *name, *field;
} synonyms[] = {
	{ "firstname", "first_name" }, { "first", "first_name" },
	{ "fname", "first_name" }, { "givenname", "first_name" },
	{ "given", "first_name" }, { "forename", "first_name" },
	{ "lastname", "last_name" }, { "last", "last_name" }, { "lname", "last_name" },
	{ "surname", "last_name" }, { "familyname", "last_name" },
	{ "company", "company" }, { "companyname", "company" },
	{ "organisation", "company" }, { "organization", "company" },
	{ "org", "company" }, { "firm", "company" }, { "business", "company" },
	{ "employer", "company" }, { "email", "email" }, { "emailaddress", "email" },
	{ "mail", "email" }, { "emailid", "email" }, { "email1", "email" },
	{ "phone", "phone" }, { "phone1", "phone" }, { "phonenumber", "phone" },
	{ "telephone", "phone" }, { "tel", "phone" }, { "homephone", "phone" },
	{ "phonealt", "phone_alt" }, { "phone2", "phone_alt" },
	{ "altphone", "phone_alt" }, { "alternatephone", "phone_alt" },
	{ "secondaryphone", "phone_alt" }, { "workphone", "phone_alt" },
	{ "mobile", "phone" }, { "mobile", "phone_alt" }, { "mobilephone", "phone" },
	{ "mobilephone", "phone_alt" }, { "cell", "phone" }, { "cell", "phone_alt" },
	{ "cellphone", "phone" }, { "cellphone", "phone_alt" }, { "address", "address" },
	{ "address1", "address" }, { "addressline1", "address" }, { "street", "address" },
	{ "streetaddress", "address" }, { "addr", "address" }, { "city", "city" },
	{ "town", "city" }, { "locality", "city" }, { "region", "region" },
	{ "state", "region" }, { "province", "region" }, { "stateprovince", "region" },
	{ "postcode", "postcode" }, { "zip", "postcode" }, { "zipcode", "postcode" },
	{ "postalcode", "postcode" }, { "country", "country" },
	{ "countrycode", "country" }, { "countryname", "country" }, { "url", "url" },
	{ "web", "url" }, { "website", "url" }, { "webpage", "url" },
	{ "homepage", "url" }, { "www", "url" }, { "birthdate", "birth_date" },
	{ "dateofbirth", "birth_date" }, { "dob", "birth_date" },
	{ "birthday", "birth_date" }, { "born", "birth_date" }, { "ssn", "ssn" },
	{ "socialsecuritynumber", "ssn" }, { "socialsecurity", "ssn" },
	{ "card", "card" }, { "cardnumber", "card" }, { "creditcard", "card" },
	{ "creditcardnumber", "card" }, { "ccnumber", "card" }, { "notes", "notes" },
	{ "note", "notes" }, { "comments", "notes" }, { "comment", "notes" },
	{ "remarks", "notes" },
};

/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Letters and digits only, in lower case. */
static void
squeeze(const char *name, char out[FIELD_NAME_MAX + 1])
{
	size_t n = 0;

	for (; *name && n < FIELD_NAME_MAX; name++)
		if (isalnum((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	out[n] = '\0';
}

const char *
import_synonym(const char *name, size_t i)
{
	char want[FIELD_NAME_MAX + 1];
	size_t k;

	squeeze(name, want);
	for (k = 0; k < COUNT(synonyms); k++)
		if (strcmp(synonyms[k].name, want) == 0 && i-- == 0)
			return synonyms[k].field;
	return NULL;
}
