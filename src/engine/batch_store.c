/* SPDX-License-Identifier: MIT */
/* batch_store.c: a queue of outputs, and the thread that empties it. */
#include "engine/batch_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "engine/batch_state.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

/* An output that is complete but for its place. */
struct output {
    size_t file; /* 1 + its number; 0: none */
    bool begun;
    dpk_sink sink;
};

typedef struct dpk_batch_store {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
    bool running, ending;
    struct output outputs[DPK_BATCH_STORING];
} dpk_batch_store;

/* The supervisor knows by this file whether it has taken its place, should the worker die. */
static void note_identity(dpk_batch_cell *cell, const dpk_sink *sink)
{
    struct stat status;
    cell->bytes_out = sink->written;
    cell->overwrites = sink->overwritten >= 0;
    if (sink->descriptor < 0 || fstat(sink->descriptor, &status) != 0)
        return;
    if (S_ISREG(status.st_mode) && (uint64_t)status.st_size > cell->bytes_out)
        cell->bytes_out = (uint64_t)status.st_size;
    cell->device = status.st_dev;
    cell->inode = status.st_ino;
}

static void add_note(dpk_batch_board *board, dpk_batch_cell *cell, const dpk_sink *sink)
{
    char lines[2048];
    dpk_text text = dpk_text_begin(lines, sizeof lines);
    if (sink->lost == NULL)
        return;
    if (cell->notes != 0)
        dpk_text_add(&text, "%s\n", board->texts + cell->notes);
    dpk_text_add(&text, "%s: ", sink->name);
    dpk_text_add(&text, DPK_SINK_LOST, sink->lost);
    cell->notes = dpk_batch_keep_text(board, lines);
}

static void put_in_place(dpk_batch_worker *worker, size_t file, dpk_sink *sink)
{
    dpk_batch_board *board = worker->board;
    dpk_batch_cell *cell = &board->cells[file];
    dpk_error err;
    note_identity(cell, sink);
    bool opened = sink->buffer != NULL; /* formats that write nothing open none */
    cell->status = opened ? dpk_sink_commit(sink, &err) : DPK_OK;
    cell->took = dpk_now() - cell->began;
    if (cell->status == DPK_OK)
        add_note(board, cell, sink);
    else
        cell->text = dpk_batch_keep_text(board, err.text);
    dpk_batch_finish(worker, file,
                     cell->status == DPK_OK ? DPK_BATCH_CELL_DONE : DPK_BATCH_CELL_FAILED);
}

/* ------------------------------------------------------------------------------------- the queue
 */

static struct output *find_new(dpk_batch_store *store)
{
    for (int i = 0; i < DPK_BATCH_STORING; i++)
        if (store->outputs[i].file != 0 && !store->outputs[i].begun)
            return &store->outputs[i];
    return NULL;
}

static struct output *find_free(dpk_batch_store *store)
{
    for (int i = 0; i < DPK_BATCH_STORING; i++)
        if (store->outputs[i].file == 0)
            return &store->outputs[i];
    return NULL;
}

static void empty(dpk_batch_worker *worker, struct output *output)
{
    dpk_batch_store *store = worker->store;
    output->begun = true;
    pthread_mutex_unlock(&store->mutex);
    put_in_place(worker, output->file - 1, &output->sink);
    pthread_mutex_lock(&store->mutex);
    atomic_store(&worker->board->seats[worker->number].storing[output - store->outputs], 0);
    *output = (struct output){ .file = 0 };
    pthread_cond_broadcast(&store->changed);
}

static void *run(void *argument)
{
    dpk_batch_worker *worker = argument;
    dpk_batch_store *store = worker->store;
    pthread_mutex_lock(&store->mutex);
    for (;;) {
        struct output *output = find_new(store);
        if (output != NULL)
            empty(worker, output);
        else if (store->ending)
            break;
        else
            pthread_cond_wait(&store->changed, &store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

bool dpk_batch_store_open(dpk_batch_worker *worker, bool with_thread)
{
    dpk_batch_store *store = worker->store = calloc(1, sizeof *store);
    if (store == NULL)
        return false;
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->changed, NULL);
    store->running = with_thread && pthread_create(&store->thread, NULL, run, worker) == 0;
    return true;
}

/* What has no temporary file has nothing to wait for, or must not be interrupted. */
static bool can_wait(const dpk_batch_store *store, const dpk_sink *sink)
{
    return store->running && sink->synced && sink->temporary != NULL;
}

static void enqueue(dpk_batch_worker *worker, size_t file, dpk_sink *sink)
{
    dpk_batch_store *store = worker->store;
    struct output *output;
    pthread_mutex_lock(&store->mutex);
    while ((output = find_free(store)) == NULL)
        pthread_cond_wait(&store->changed, &store->mutex);
    atomic_store(&worker->board->seats[worker->number].storing[output - store->outputs], file + 1);
    *output = (struct output){ .file = file + 1, .sink = *sink };
    *sink = (dpk_sink){ .name = sink->name, .descriptor = -1, .overwritten = -1 };
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->mutex);
}

void dpk_batch_store_put(dpk_batch_worker *worker, size_t file, dpk_sink *sink)
{
    dpk_batch_cell *cell = &worker->board->cells[file];
    note_identity(cell, sink);
    atomic_store(&cell->word, dpk_batch_cell_word(DPK_BATCH_CELL_STORING, worker->number));
    if (can_wait(worker->store, sink))
        enqueue(worker, file, sink);
    else
        put_in_place(worker, file, sink);
}

void dpk_batch_store_close(dpk_batch_worker *worker)
{
    dpk_batch_store *store = worker->store;
    if (store == NULL)
        return;
    pthread_mutex_lock(&store->mutex);
    store->ending = true;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->mutex);
    if (store->running)
        pthread_join(store->thread, NULL);
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->mutex);
    free(store);
    worker->store = NULL;
}
