/* SPDX-License-Identifier: MIT */
/* batch_name.c: patterns are checked once, with a sentence that says what may stand in one, and
 * filled in for each input. */
#include "engine/batch_name.h"

#include "base/text.h"

#include <string.h>

/* An input's path, taken apart. */
struct parts {
    const char *name, *ext; /* ext: behind the last dot of name, or at its end */
    int stem, dir;          /* bytes of name, and of path */
    const char *path;
};

static struct parts take_apart(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name)
        dot = name + strlen(name);
    return (struct parts){ .name = name,
                           .ext = *dot == '.' ? dot + 1 : dot,
                           .stem = (int)(dot - name),
                           .dir = slash == path   ? 1
                                  : slash != NULL ? (int)(slash - path)
                                                  : 0,
                           .path = path };
}

/* -------------------------------------------------------------------------- fields of a pattern */

/* What a field is filled with. */
struct filling {
    const dpk_batch_naming *naming;
    struct parts parts;
    size_t number;
};

static void add_name(dpk_text *to, const struct filling *with)
{
    dpk_text_add(to, "%s", with->parts.name);
}

static void add_stem(dpk_text *to, const struct filling *with)
{
    dpk_text_add(to, "%.*s", with->parts.stem, with->parts.name);
}

/* Of a name without one, the dot that would be before it is left out, too. */
static void add_ext(dpk_text *to, const struct filling *with)
{
    const char *ext = with->naming->suffix != NULL ? with->naming->suffix : with->parts.ext;
    bool dot = to->used > 0 && to->used < to->size && to->text[to->used - 1] == '.';
    if (*ext == '\0' && dot)
        to->text[--to->used] = '\0';
    dpk_text_add(to, "%s", ext);
}

static void add_dir(dpk_text *to, const struct filling *with)
{
    dpk_text_add(to, "%.*s", with->parts.dir > 0 ? with->parts.dir : 1,
                 with->parts.dir > 0 ? with->parts.path : ".");
}

static void add_kernel(dpk_text *to, const struct filling *with)
{
    dpk_text_add(to, "%s", with->naming->kernel);
}

static void add_number(dpk_text *to, const struct filling *with)
{
    int digits = 1;
    for (size_t count = with->naming->count; count >= 10; count /= 10)
        digits++;
    dpk_text_add(to, "%0*zu", digits, with->number);
}

static const struct field {
    const char *word;
    void (*add)(dpk_text *to, const struct filling *with);
} fields[] = {
    { "{name}", add_name }, { "{stem}", add_stem },     { "{ext}", add_ext },
    { "{dir}", add_dir },   { "{kernel}", add_kernel }, { "{number}", add_number },
};

enum { FIELDS = sizeof fields / sizeof *fields };

/* The field that text begins with, or NULL. */
static const struct field *field_at(const char *text)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strncmp(text, fields[i].word, strlen(fields[i].word)) == 0)
            return &fields[i];
    return NULL;
}

static bool is_doubled_brace(const char *text)
{
    return (text[0] == '{' || text[0] == '}') && text[1] == text[0];
}

/* ------------------------------------------------------------------------------------- patterns */

dpk_status dpk_batch_check_naming(const dpk_batch_naming *naming, dpk_error *err)
{
    const char *pattern = naming->pattern;
    if (naming->folder != NULL && naming->folder[0] == '\0')
        return dpk_fail(err, DPK_USAGE, "--out-dir '': must name a folder, such as '.'");
    size_t length = pattern != NULL ? strlen(pattern) : 0;
    if (pattern != NULL && (length == 0 || pattern[length - 1] == '/'))
        return dpk_fail(err, DPK_USAGE,
                        "--out '%s': must end in the name of a file, such as '{stem}.{ext}'; "
                        "--out-dir names a folder",
                        pattern);
    for (const char *at = pattern; at != NULL && *at != '\0';) {
        const struct field *field = field_at(at);
        if (field == NULL && !is_doubled_brace(at) && (*at == '{' || *at == '}'))
            return dpk_fail(err, DPK_USAGE,
                            "--out '%s': '%.12s' is none of {name}, {stem}, {ext}, {dir}, "
                            "{kernel}, {number}, and a brace is written twice: {{",
                            pattern, at);
        at += field != NULL ? strlen(field->word) : is_doubled_brace(at) ? 2 : 1;
    }
    return DPK_OK;
}

static void fill(dpk_text *to, const char *pattern, const struct filling *with)
{
    while (*pattern != '\0') {
        const struct field *field = field_at(pattern);
        if (field != NULL) {
            field->add(to, with);
            pattern += strlen(field->word);
        } else {
            dpk_text_add(to, "%c", *pattern);
            pattern += is_doubled_brace(pattern) ? 2 : 1;
        }
    }
}

static const char *pattern_of(const dpk_batch_naming *naming)
{
    if (naming->pattern != NULL)
        return naming->pattern;
    return naming->suffix != NULL ? "{stem}.{ext}" : "{name}";
}

static void add_folder(dpk_text *to, const char *folder)
{
    size_t bytes = strlen(folder);
    dpk_text_add(to, "%s%s", folder, bytes > 0 && folder[bytes - 1] == '/' ? "" : "/");
}

/* Where an input that was found in a folder lies below it, with a slash at the end; else nothing.
 */
static void add_place(dpk_text *to, const dpk_batch_input *input)
{
    const char *below = input->path + input->root, *slash = strrchr(below, '/');
    if (input->root > 0 && slash != NULL)
        dpk_text_add(to, "%.*s", (int)(slash + 1 - below), below);
}

/* Whether ".." is a part of the path. */
static bool climbs(const char *path)
{
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return true;
    }
    return false;
}

/* A name that means more than a file to those who open it, such as "-" or "hash:". */
static bool is_special(const char *name)
{
    size_t length = strlen(name);
    return strchr(name, '/') == NULL &&
           (strcmp(name, "-") == 0 || (length > 0 && name[length - 1] == ':'));
}

/* What comes of the pattern, or in its place of the input's path. */
static void add_file(dpk_text *to, const dpk_batch_naming *naming, const struct filling *with)
{
    size_t begin = to->used;
    if (naming->in_place)
        dpk_text_add(to, "%s", with->parts.path);
    else
        fill(to, pattern_of(naming), with);
    bool meant = naming->pattern != NULL && strcmp(to->text, naming->pattern) == 0;
    if (begin > 0 || meant || to->used + 2 >= to->size || !is_special(to->text))
        return;
    memmove(to->text + 2, to->text, to->used + 1);
    memcpy(to->text, "./", 2);
    to->used += 2;
}

dpk_status dpk_batch_name(const dpk_batch_naming *naming, const dpk_batch_input *input,
                          size_t number, char *path, size_t size, dpk_error *err)
{
    const struct filling with = { naming, take_apart(input->path), number };
    dpk_text to = dpk_text_begin(path, size);
    if (naming->folder != NULL)
        add_folder(&to, naming->folder);
    size_t folder = to.used;
    if (naming->folder != NULL && strstr(pattern_of(naming), "{dir}") == NULL)
        add_place(&to, input);
    add_file(&to, naming, &with);
    if (to.used >= size)
        return dpk_fail(err, DPK_USAGE, "the name of the output for '%s' is too long", input->path);
    if (naming->folder != NULL && climbs(path + folder))
        return dpk_fail(err, DPK_USAGE,
                        "the output for '%s' would not be in '%s': its folder has '..' in it, and "
                        "{dir} takes it over",
                        input->path, naming->folder);
    return DPK_OK;
}
