/* SPDX-License-Identifier: MIT */
/* dpk.h: the interface of kernels, the only header that every kernel includes.
 *
 * A kernel says *what* is computed: parameters, ports (input and output arrays) and a table of
 * passes. It never says who computes it (a loop, threads, processes) nor how the work is cut.
 * kernels/README.md walks through writing one; the descriptor at the end of this file is the
 * contract. */
#ifndef DPK_H
#define DPK_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DPK_VERSION "0.1.0"

/* Grows when a type in this header changes in a way that old plug-ins cannot survive: one that was
 * built for another value is refused. New fields are added at the ends of dpk_kernel, dpk_param,
 * dpk_port and dpk_pass; a plug-in that does not have them yet is loaded with zeros in their place.
 */
#define DPK_ABI 2

/* The most a kernel may have of each; checked when it is registered. */
#define DPK_MAX_PORTS 8
#define DPK_MAX_PASSES 8
#define DPK_MAX_PARAMS 64

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------ errors */

/* symbol, exit code of the command, what it means */
#define DPK_STATUS_LIST(X)                                                                         \
    X(DPK_OK, 0, "ok")                                                                             \
    X(DPK_FAILED, 1, "the work failed")                                                            \
    X(DPK_USAGE, 2, "the command line is wrong")                                                   \
    X(DPK_BAD_INPUT, 3, "an input file is bad or does not suit the kernel")                        \
    X(DPK_OUTPUT_FAILED, 4, "the output could not be written")                                     \
    X(DPK_LIMIT, 5, "a limit was exceeded")                                                        \
    X(DPK_WORKER_LOST, 6, "a worker died")                                                         \
    X(DPK_MISMATCH, 7, "results differ that must be equal")                                        \
    X(DPK_REGRESSION, 8, "slower than the baseline")                                               \
    X(DPK_UNDECIDED, 9, "slower than the baseline, which the load may explain")

#if defined(__GNUC__)
#    define DPK_PRINTF(text, first) __attribute__((format(printf, text, first)))
#    define DPK_MUST_CHECK __attribute__((warn_unused_result))
#    define DPK_EXTENSION __extension__
#    define DPK_TEMPLATE static inline __attribute__((always_inline))
#    define DPK_API __attribute__((visibility("default"))) /* exported by program and library */
#else
#    define DPK_PRINTF(text, first)
#    define DPK_MUST_CHECK
#    define DPK_EXTENSION
#    define DPK_TEMPLATE static inline
#    define DPK_API
#endif

/* DPK_TEMPLATE begins a function that is written once with a type or a size among its arguments,
 * and compiled once for each constant that callers give. */

/* On a type: whoever calls a function that returns it must look at the result, or say (void). */
#if defined(__cplusplus) || (defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 10)
#    define DPK_MUST_CHECK_TYPE [[nodiscard]]
#elif defined(__clang__)
#    define DPK_MUST_CHECK_TYPE __attribute__((warn_unused_result))
#else
#    define DPK_MUST_CHECK_TYPE
#endif

DPK_EXTENSION typedef enum DPK_MUST_CHECK_TYPE dpk_status {
#define DPK_STATUS_SYMBOL(symbol, code, text) symbol,
    DPK_STATUS_LIST(DPK_STATUS_SYMBOL)
#undef DPK_STATUS_SYMBOL
} dpk_status;

typedef struct dpk_error {
    dpk_status status;
    char text[480]; /* one sentence the user can act on, without newline */
} dpk_error;

/* Fills *err (which may be NULL) and returns status, so that a function can end with
 * `return dpk_fail(err, DPK_BAD_INPUT, "...")`. */
DPK_API dpk_status dpk_fail(dpk_error *err, dpk_status status, const char *format, ...)
    DPK_PRINTF(3, 4);

/* ------------------------------------------------------------------------------------ arrays */

/* Element types are single bits, so that a port can name the set it accepts. */
typedef enum dpk_type {
    DPK_U8 = 1 << 0,
    DPK_U16 = 1 << 1,
    DPK_I32 = 1 << 2,
    DPK_I64 = 1 << 3,
    DPK_F32 = 1 << 4,
    DPK_F64 = 1 << 5,
    DPK_C64 = 1 << 6,  /* two f32: real, imaginary (float complex) */
    DPK_C128 = 1 << 7, /* two f64 (double complex) */
} dpk_type;

#define DPK_MAX_RANK 4

/* A view of elements in memory; it never owns them. The elements of a row are contiguous, in C
 * order. So are the rows, except in arrays of a pass that says what it reads, of which only a
 * window may be in memory. An image is rank 3: rows, columns, channels (1 grey, 2 grey+alpha, 3
 * RGB, 4 RGBA). */
typedef struct dpk_array {
    void *data;
    dpk_type type;
    unsigned rank;                  /* 0 (one element) to DPK_MAX_RANK */
    size_t shape[DPK_MAX_RANK];     /* elements; entries past rank are 1 */
    ptrdiff_t stride[DPK_MAX_RANK]; /* bytes */
    size_t ring;                    /* rows in memory, row y in place y % ring; 0: all rows are */
} dpk_array;

/* Start of row y, that is of index y of the first axis. The only way a pass reaches rows. */
static inline void *dpk_row(const dpk_array *array, size_t y)
{
    size_t place = array->ring == 0 ? y : y % array->ring;
    return (char *)array->data + (ptrdiff_t)place * array->stride[0];
}

/* Bytes of one element. */
static inline size_t dpk_type_size(dpk_type type)
{
    switch (type) {
    case DPK_U8:
        return 1;
    case DPK_U16:
        return 2;
    case DPK_I32:
    case DPK_F32:
        return 4;
    case DPK_I64:
    case DPK_F64:
    case DPK_C64:
        return 8;
    case DPK_C128:
        return 16;
    }
    return 0;
}

/* Number of elements. */
static inline size_t dpk_count(const dpk_array *array)
{
    size_t count = 1;
    for (unsigned axis = 0; axis < array->rank; axis++)
        count *= array->shape[axis];
    return count;
}

/* Elements of one row: the product of all extents but the first. */
static inline size_t dpk_row_count(const dpk_array *array)
{
    size_t count = 1;
    for (unsigned axis = 1; axis < array->rank; axis++)
        count *= array->shape[axis];
    return count;
}

/* Bytes of one row. */
static inline size_t dpk_row_bytes(const dpk_array *array)
{
    return dpk_row_count(array) * dpk_type_size(array->type);
}

/* Channels of an image that carry colour: 2 and 4 channels have alpha as their last one. */
static inline size_t dpk_colour_channels(const dpk_array *image)
{
    size_t channels = image->shape[2];
    return channels == 2 || channels == 4 ? channels - 1 : channels;
}

/* Sets type, rank, shape and C-contiguous strides, leaves data alone. For use in shape(). Entries
 * of shape past rank are ignored. */
DPK_API void dpk_array_shape(dpk_array *array, dpk_type type, unsigned rank,
                             const size_t shape[DPK_MAX_RANK]);

/* ------------------------------------------------------------------------------------ memory */

/* The memory of one run: inputs, outputs, the kernel's struct and whatever prepare() asks for.
 * All of it is visible to every worker at the same address, and all of it ends with the run. */
typedef struct dpk_arena dpk_arena;

/* bytes of memory, 64-byte aligned, contents unspecified; 0 bytes are somewhere, too. NULL, with
 * *err filled, when there is not that much. */
DPK_API void *dpk_alloc(dpk_arena *arena, size_t bytes, dpk_error *err) DPK_MUST_CHECK;

/* -------------------------------------------------------------------------------- parameters */

#define DPK_MAX_LIST 128 /* values of one list */

/* Several numbers: --weights=1,2.5,3Ki. */
typedef struct dpk_list {
    size_t count; /* at least 1 once it is given */
    double values[DPK_MAX_LIST];
} dpk_list;

/* Number of an axis; negative numbers count from the end, -1 is the last axis. */
typedef struct dpk_axis {
    int value; /* -DPK_MAX_RANK to DPK_MAX_RANK - 1 */
} dpk_axis;

/* Every number may end in k, M, G or T (powers of 1000) or Ki, Mi, Gi or Ti (powers of 1024). */
typedef enum dpk_param_type {
    DPK_PARAM_BOOL = 1,
    DPK_PARAM_INT,
    DPK_PARAM_UNSIGNED, /* also every enum, whose choices name the values */
    DPK_PARAM_SIZE,     /* size_t, where that is another type than unsigned */
    DPK_PARAM_FLOAT,
    DPK_PARAM_DOUBLE,
    DPK_PARAM_STRING, /* const char *, points into the command line */
    DPK_PARAM_LIST,   /* dpk_list; min and max bound each of its values */
    DPK_PARAM_AXIS,   /* dpk_axis */
} dpk_param_type;

typedef struct dpk_choice {
    const char *name;
    unsigned value;
    const char *help;
} dpk_choice;

/* One parameter, declared once: parsing, range check, help, tests and sweeps follow. */
typedef struct dpk_param {
    const char *name; /* member name; the option is spelled with - for _ */
    dpk_param_type type;
    size_t offset;
    const char *def;           /* default as the user would write it; NULL: must be given */
    bool optional;             /* without default it may be left out: the member stays zeroed */
    double min, max;           /* inclusive; both 0: unbounded */
    const char *unit;          /* "px", "rows", … or NULL */
    const dpk_choice *choices; /* ends with a NULL name */
    char letter;               /* short option, 0 for none */
    const char *env;           /* environment variable that replaces def, or NULL */
    const char *help;          /* one line */
} dpk_param;

/* Any other type is an error. size_t is nested: on many machines of 32 bits it is unsigned. */
/* clang-format off */
#define DPK_PARAM_TYPE_OF(lvalue)                                                                  \
    _Generic((lvalue),                                                                             \
             bool: DPK_PARAM_BOOL,                                                                 \
             int: DPK_PARAM_INT,                                                                   \
             unsigned: DPK_PARAM_UNSIGNED,                                                         \
             float: DPK_PARAM_FLOAT,                                                               \
             double: DPK_PARAM_DOUBLE,                                                             \
             const char *: DPK_PARAM_STRING,                                                       \
             dpk_list: DPK_PARAM_LIST,                                                             \
             dpk_axis: DPK_PARAM_AXIS,                                                             \
             default: _Generic((lvalue), size_t: DPK_PARAM_SIZE, default: (void)0))
/* clang-format on */

#define DPK_PARAM(struct_, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .type = DPK_PARAM_TYPE_OF(((struct_ *)0)->member),                        \
        .offset = offsetof(struct_, member), __VA_ARGS__                                           \
    }

/* -------------------------------------------------------------------------------------- ports */

/* Images of 2 and 4 channels have alpha as their last one, whatever their type. */
typedef enum dpk_alpha {
    DPK_STRAIGHT = 0,  /* the kernel sees alpha as the last channel and treats it itself */
    DPK_PREMULTIPLIED, /* images with alpha arrive as f32, colour multiplied by alpha/max, values
                          still 0…max (255, 65535; 1 for f32); the output is converted back */
} dpk_alpha;

/* An array the kernel reads or writes: a dpk_array member of its struct. */
typedef struct dpk_port {
    const char *name;
    size_t offset;
    bool output;
    bool image;      /* rank 3; a rank-2 input is seen as an image of one channel */
    bool printed;    /* an output of few numbers, printed when no output file is named */
    unsigned types;  /* inputs: element types accepted, or-ed together; an integer image also comes
                        as f32, with the same values, where that is accepted and it is not. Outputs
                        that are f32 images: types that they are rounded to again, if the first
                        input came as such */
    unsigned rank;   /* inputs that are no images: rank accepted, 0 for any */
    dpk_alpha alpha; /* images */
    const char *help;
} dpk_port;

/* DPK_IN(struct blur, in, .image = true, …): a port for the struct's member of that name. */
#define DPK_IN(...) DPK_PORT_(__VA_ARGS__, .output = false)
#define DPK_OUT(...) DPK_PORT_(__VA_ARGS__, .output = true)
#define DPK_PORT_(struct_, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct_, member), __VA_ARGS__                          \
    }

/* -------------------------------------------------------------------------------------- passes */

typedef struct dpk_span {
    size_t begin, end; /* items, half open, never empty */
    size_t step;       /* which of the pass's repetitions this is, from 0 */
} dpk_span;

/* Memory that belongs to one item. */
typedef struct dpk_partial {
    void *data;
    size_t bytes;
} dpk_partial;

/* One parallel loop over items. All items of a pass end before the next pass, or the next
 * repetition of the same pass, begins. Items may run in any order, in any grouping, on any
 * worker, and, should a worker die, twice: so an item writes only what belongs to it, always in
 * full, and reads nothing that another item of the same pass writes. */
typedef struct dpk_pass {
    const char *name;
    size_t (*extent)(const void *self); /* number of items */

    /* Items per chunk, where the kernel knows better than the runner; NULL, or a result of 0,
     * otherwise. It must depend on the problem only. */
    size_t (*grain)(const void *self);

    /* Says that items are rows of every output, and which rows of input port `port` (its place
     * among the ports) the rows `out` read: dpk_reads_same, dpk_reads_around, or what the geometry
     * needs. The result may reach beyond the input's end and is cut there. A part of `out` must
     * read a part of what `out` reads. A kernel whose only pass
     * has it can be run with a window of rows in memory and joined with others in one pass; NULL
     * when the pass needs the whole input. */
    dpk_span (*reads)(const void *self, size_t port, dpk_span out);

    /* Cannot fail and cannot allocate. scratch is private to the call, 64-byte aligned, with
     * unspecified contents. */
    void (*work)(const void *self, dpk_span span, void *scratch);
    size_t (*scratch)(const void *self); /* bytes of scratch; NULL for none */
    size_t (*repeat)(const void *self);  /* how often the pass runs; NULL for once */

    /* For a pass of a reduction whose items write nothing but a result each, which a later pass
     * folds: where the one of `item` lies, in memory from prepare(). Who computes some of the items
     * elsewhere can bring their results here before that pass. NULL for all other passes. */
    dpk_partial (*partial)(const void *self, size_t item);
} dpk_pass;

/* reads of a pass whose row y reads row y alone. */
static inline dpk_span dpk_reads_same(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return out;
}

/* For reads of a pass whose row y reads rows y - before … y + after. */
static inline dpk_span dpk_reads_around(dpk_span out, size_t before, size_t after)
{
    out.begin = out.begin > before ? out.begin - before : 0;
    out.end = after > SIZE_MAX - out.end ? SIZE_MAX : out.end + after;
    return out;
}

/* extent of a pass with one item: a serial step. */
static inline size_t dpk_once(const void *self)
{
    (void)self;
    return 1;
}

/* ------------------------------------------------------------------------------------- kernels */

/* Largest difference from the reference that is still right. Both 0: exact. */
typedef struct dpk_tolerance {
    double levels;   /* integer outputs: absolute difference */
    double epsilons; /* floating outputs: difference divided by the largest magnitude in the
                        reference, in units of the element type's epsilon */
} dpk_tolerance;

/* What one run moves and computes at the least, so that times print as rates. */
typedef struct dpk_cost {
    double bytes;      /* read from inputs plus written to outputs */
    double operations; /* arithmetic operations the method needs; 0: not meaningful */
} dpk_cost;

typedef struct dpk_kernel {
    uint32_t abi;                /* DPK_ABI, set by DPK_KERNEL */
    uint32_t descriptor;         /* sizeof(dpk_kernel), set by DPK_KERNEL */
    const char *name;            /* the file's name, set by DPK_KERNEL */
    const char *summary;         /* one line */
    const char *group;           /* section of `dpk list`: "image", "transform", "array", … */
    const char *details;         /* formula, method, literature */
    const char *const *examples; /* runnable command lines, ends with NULL */
    size_t size;                 /* of the kernel's struct; each run gets one, zeroed */
    const dpk_param *params;     /* ends with DPK_END; NULL for none */
    const dpk_port *ports;       /* ends with DPK_END; inputs first */

    /* Gives outputs type and shape (dpk_array_shape) from inputs' types and shapes and from
     * parameters; refuses bad combinations with a sentence. NULL: every output is like the first
     * input. A result whose size depends on contents cannot be shaped: give the output the largest
     * size it may have and say in a second output how much of it counts, or compute that number by
     * a kernel of its own and take it as a parameter. */
    dpk_status (*shape)(void *self, dpk_error *err);

    /* Weights, tables, memory that passes hand to each other. The only place that allocates. Like
     * shape() it sees the arrays' types and shapes, never their contents: data is NULL in both, as
     * inputs may not be decoded yet. Of a kernel whose pass says what it reads, each worker may get
     * a copy of the struct with arrays of its own: keep no pointers into the struct. */
    dpk_status (*prepare)(void *self, dpk_arena *arena, dpk_error *err);

    const dpk_pass *passes; /* ends with DPK_END */

    /* The definition, as plainly as it can be said: fills the outputs, sequentially. May use
     * memory of its own from the arena; returns false when there is none. */
    bool (*reference)(const void *self, dpk_arena *arena);
    dpk_tolerance tolerance;

    /* Input elements beyond which the reference is too slow to be of use; 0: none. */
    size_t reference_limit;

    /* Parameter settings ("--width=67 --height=41") the contract tests use besides the defaults
     * and each parameter's limits; ends with NULL. A generator is tested with these alone, so
     * that they decide how much it makes. NULL for none. */
    const char *const *checks;

    dpk_cost (*cost)(const void *self);

    /* Why the passes must not run on threads of one process, as an end of "… cannot run on
     * threads: "; NULL for all that obey the contract, which is all but a scenario. */
    const char *not_on_threads;

    const struct dpk_lesson *lesson; /* of a scenario (lesson.h); NULL for all other kernels */

    /* How large the elements of params, ports and passes are; set by DPK_KERNEL. */
    uint32_t param_bytes, port_bytes, pass_bytes;

    /* Why workers that are older than the run, those of a pool, cannot execute the passes, as an
     * end of "… cannot run on pool: "; NULL for all that keep what they prepare in the arena, which
     * is all but a few scenarios. */
    const char *not_on_pool;
} dpk_kernel;

/* Ends tables of params, ports and passes. */
#define DPK_END                                                                                    \
    {                                                                                              \
        .name = NULL                                                                               \
    }

#define DPK_JOIN_(a, b) a##b
#define DPK_JOIN(a, b) DPK_JOIN_(a, b)

/* kernels/ is compiled once per ISA level; the level's suffix keeps the variants apart. */
#ifndef DPK_ISA_SUFFIX
#    define DPK_ISA_SUFFIX
#endif

#ifdef DPK_PLUGIN
#    define DPK_KERNEL_SYMBOL(name) dpk_plugin
#    define DPK_KERNEL_API DPK_API
#else
#    define DPK_KERNEL_SYMBOL(name) DPK_JOIN(dpk_kernel_##name, DPK_ISA_SUFFIX)
#    define DPK_KERNEL_API
#endif

/* Defines the kernel `name`; the last thing in kernels/name.c. */
#define DPK_KERNEL(name_, ...)                                                                     \
    extern DPK_KERNEL_API const dpk_kernel DPK_KERNEL_SYMBOL(name_);                               \
    const dpk_kernel DPK_KERNEL_SYMBOL(name_) = { .abi = DPK_ABI,                                  \
                                                  .descriptor = sizeof(dpk_kernel),                \
                                                  .name = #name_,                                  \
                                                  .param_bytes = sizeof(dpk_param),                \
                                                  .port_bytes = sizeof(dpk_port),                  \
                                                  .pass_bytes = sizeof(dpk_pass),                  \
                                                  __VA_ARGS__ }

#ifdef __cplusplus
}
#endif

#endif
