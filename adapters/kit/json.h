/* The JSON of the adapter protocol: a reader that keeps a line in one block, and a writer into a
 * growing buffer. */
#ifndef MAPI_LOGON_JSON_H
#define MAPI_LOGON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    uint64_t number;    /* 0 for a number that is negative or has a fraction */
    const char *key;    /* of a member of an object, else NULL */
    const char *text;   /* UTF-8, never with a NUL inside */
    struct json *first; /* the first member or element */
    struct json *next;
};

/* Returns NULL and says why in `*error` if the line is not one JSON value. Free with `free`. */
struct json *json_parse(const char *line, size_t length, const char **error);

/* All of these accept NULL and a value of another type, and then answer what the name says is
 * absent. */
const struct json *json_member(const struct json *object, const char *key);
const char *json_text(const struct json *object, const char *key, const char *absent);
uint64_t json_number(const struct json *object, const char *key, uint64_t absent);
bool json_true(const struct json *object, const char *key);

struct json_out {
    char *bytes;
    size_t used, size;
};

/* Each adds one member, or one element where `key` is NULL; commas come by themselves. */
void json_put_text(struct json_out *out, const char *key, const char *value);
void json_put_number(struct json_out *out, const char *key, uint64_t value);
void json_put_code(struct json_out *out, const char *key, uint32_t value);
void json_put_raw(struct json_out *out, const char *key, const char *value);
/* Closes an object that is a line; the next one may follow. */
void json_end_line(struct json_out *out);
/* The text so far, ended with a NUL. */
const char *json_ended(struct json_out *out);
/* `bracket` is `{` or `[`. */
void json_open(struct json_out *out, const char *key, char bracket);
/* `bracket` is `}` or `]`. */
void json_close(struct json_out *out, char bracket);

#endif
