#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 32 };

struct reader {
    char *at;
    struct json *free;
    const char *error;
};

static struct json *value(struct reader *r, const char *key, int depth);

static void *fail(struct reader *r, const char *why)
{
    if (!r->error)
        r->error = why;
    return NULL;
}

static void space(struct reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Four hexadecimal digits, or a number above 0xffff. */
static uint32_t hex4(const char *at)
{
    uint32_t n = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        char low = at[i] >= 'A' && at[i] <= 'F' ? (char)(at[i] + 32) : at[i];
        const char *found = low ? strchr(digits, low) : NULL;
        if (!found)
            return UINT32_MAX;
        n = n << 4 | (uint32_t)(found - digits);
    }
    return n;
}

static char *utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    int rest = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint32_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (char)(lead[rest] | c >> (6 * rest));
    while (rest--)
        *to++ = (char)(0x80 | (c >> (6 * rest) & 0x3f));
    return to;
}

/* The character after `\u`; moves past it, and past the second half of a surrogate pair. */
static bool unicode(struct reader *r, char **to)
{
    uint32_t c = hex4(r->at + 1);
    if (c > 0xffff || c == 0)
        return fail(r, "\\u needs four hexadecimal digits other than 0000"), false;
    r->at += 5;
    if (c >= 0xd800 && c < 0xe000) {
        uint32_t low = r->at[0] == '\\' && r->at[1] == 'u' ? hex4(r->at + 2) : 0;
        if (c >= 0xdc00 || low < 0xdc00 || low > 0xdfff)
            return fail(r, "half of a surrogate pair"), false;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    }
    *to = utf8(*to, c);
    return true;
}

/* Decoded in place: no escape is shorter than what it stands for. */
static const char *text(struct reader *r)
{
    char *start = ++r->at, *to = start;
    while (*r->at != '"') {
        unsigned char c = (unsigned char)*r->at;
        if (c < 0x20)
            return fail(r, "a text is not ended, or has a control character");
        if (c != '\\') {
            *to++ = *r->at++;
            continue;
        }
        r->at++;
        static const char from[] = "\"\\/bfnrt", becomes[] = "\"\\/\b\f\n\r\t";
        const char *known = *r->at ? strchr(from, *r->at) : NULL;
        if (known) {
            *to++ = becomes[known - from];
            r->at++;
        } else if (*r->at != 'u') {
            return fail(r, "an unknown escape in a text");
        } else if (!unicode(r, &to)) {
            return NULL;
        }
    }
    r->at++;
    *to = '\0';
    return start;
}

static struct json *members(struct reader *r, struct json *whole, int depth)
{
    char close = whole->type == JSON_ARRAY ? ']' : '}';
    struct json **last = &whole->first;
    r->at++;
    space(r);
    if (*r->at == close)
        return r->at++, whole;
    for (;;) {
        const char *key = NULL;
        space(r);
        if (whole->type == JSON_OBJECT) {
            if (*r->at != '"')
                return fail(r, "an object needs keys in quotation marks");
            if (!(key = text(r)))
                return NULL;
            space(r);
            if (*r->at++ != ':')
                return fail(r, "a colon is missing after a key");
        }
        if (!(*last = value(r, key, depth + 1)))
            return NULL;
        last = &(*last)->next;
        space(r);
        if (*r->at == close)
            return r->at++, whole;
        if (*r->at++ != ',')
            return fail(r, "a comma or a closing bracket is missing");
    }
}

static struct json *number(struct reader *r, struct json *v)
{
    const char *from = r->at + (*r->at == '-');
    if (!digit(*from) || (*from == '0' && digit(from[1])))
        return fail(r, "a value is missing or malformed");
    char *end = r->at + strspn(r->at, "0123456789+-.eE"), *stop;
    strtod(r->at, &stop);
    if (stop != end || !digit(end[-1]))
        return fail(r, "a malformed number");
    if (r->at + strspn(r->at, "0123456789") == end)
        v->number = strtoull(r->at, NULL, 10);
    r->at = end;
    return v;
}

static struct json *value(struct reader *r, const char *key, int depth)
{
    if (depth > DEPTH)
        return fail(r, "more than 32 levels of brackets");
    struct json *v = r->free++;
    *v = (struct json){.type = JSON_NUMBER, .key = key};
    space(r);
    if (*r->at == '{' || *r->at == '[') {
        v->type = *r->at == '{' ? JSON_OBJECT : JSON_ARRAY;
        return members(r, v, depth);
    }
    if (*r->at == '"') {
        v->type = JSON_TEXT;
        return (v->text = text(r)) ? v : NULL;
    }
    static const char *const words[] = {"null", "false", "true"};
    for (int i = 0; i < 3; i++) {
        if (strncmp(r->at, words[i], strlen(words[i])) == 0) {
            v->type = (enum json_type)i;
            r->at += strlen(words[i]);
            return v;
        }
    }
    return number(r, v);
}

struct json *json_parse(const char *line, size_t length, const char **error)
{
    size_t bound = 1;
    for (size_t i = 0; i < length; i++)
        bound += line[i] == ',' || line[i] == '[' || line[i] == '{';
    struct json *root = malloc((bound + 1) * sizeof *root + length + 1);
    if (!root)
        return *error = "out of memory", NULL;
    struct reader r = {.at = (char *)(root + bound + 1), .free = root};
    memcpy(r.at, line, length);
    r.at[length] = '\0';
    if (memchr(line, '\0', length))
        fail(&r, "a NUL in the line");
    else if (value(&r, NULL, 1)) {
        space(&r);
        if (*r.at)
            fail(&r, "something follows the value");
    }
    *error = r.error;
    if (r.error) {
        free(root);
        return NULL;
    }
    return root;
}

const struct json *json_member(const struct json *object, const char *key)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *m = object->first; m; m = m->next)
        if (strcmp(m->key, key) == 0)
            return m;
    return NULL;
}

const char *json_text(const struct json *object, const char *key, const char *absent)
{
    const struct json *m = json_member(object, key);
    return m && m->type == JSON_TEXT ? m->text : absent;
}

uint64_t json_number(const struct json *object, const char *key, uint64_t absent)
{
    const struct json *m = json_member(object, key);
    return m && m->type == JSON_NUMBER ? m->number : absent;
}

bool json_true(const struct json *object, const char *key)
{
    const struct json *m = json_member(object, key);
    return m && m->type == JSON_TRUE;
}

static void append(struct json_out *out, const char *bytes, size_t count)
{
    if (out->used + count > out->size) {
        out->size = 2 * (out->used + count) + 256;
        out->bytes = realloc(out->bytes, out->size);
        if (!out->bytes)
            abort();
    }
    memcpy(out->bytes + out->used, bytes, count);
    out->used += count;
}

static void quoted(struct json_out *out, const char *value)
{
    append(out, "\"", 1);
    for (; *value; value++) {
        char escape[8];
        unsigned char c = (unsigned char)*value;
        if (c == '"' || c == '\\')
            append(out, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", c));
        else if (c < 0x20)
            append(out, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c));
        else
            append(out, value, 1);
    }
    append(out, "\"", 1);
}

void json_put_raw(struct json_out *out, const char *key, const char *value)
{
    char last = out->used ? out->bytes[out->used - 1] : '{';
    if (last != '{' && last != '[' && last != '\n')
        append(out, ",", 1);
    if (key) {
        quoted(out, key);
        append(out, ":", 1);
    }
    append(out, value, strlen(value));
}

void json_put_text(struct json_out *out, const char *key, const char *value)
{
    json_put_raw(out, key, "");
    quoted(out, value);
}

void json_put_number(struct json_out *out, const char *key, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    json_put_raw(out, key, digits);
}

void json_put_code(struct json_out *out, const char *key, uint32_t value)
{
    char digits[16];
    snprintf(digits, sizeof digits, "\"0x%08x\"", (unsigned)value);
    json_put_raw(out, key, digits);
}

void json_open(struct json_out *out, const char *key, char bracket)
{
    json_put_raw(out, key, (char[]){bracket, '\0'});
}

void json_close(struct json_out *out, char bracket)
{
    append(out, &bracket, 1);
}

void json_end_line(struct json_out *out)
{
    append(out, "}\n", 2);
}

const char *json_ended(struct json_out *out)
{
    append(out, "", 1);
    out->used--;
    return out->bytes;
}
