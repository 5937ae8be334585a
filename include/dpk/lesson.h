/* SPDX-License-Identifier: MIT */
/* lesson.h: what a scenario teaches. Scenarios are kernels that do on purpose what threads and
 * processes pay for differently; no other kernel includes this. */
#ifndef DPK_DPK_LESSON_H
#define DPK_DPK_LESSON_H

/* Who is faster. By how much is for a measurement to say. */
typedef enum dpk_winner {
    DPK_NEITHER_WINS,
    DPK_PROCESSES_WIN,
    DPK_THREADS_WIN,
} dpk_winner;

/* Where the slower side should spend more time if the explanation is right. QUEUE and THROTTLE are
 * large on both sides, whoever wins. */
enum {
    DPK_SIGN_START = 1,      /* time until all workers are there */
    DPK_SIGN_WORK = 2,       /* time in the passes */
    DPK_SIGN_WAIT = 4,       /* time waiting for each other */
    DPK_SIGN_STOP = 8,       /* time until no worker is left */
    DPK_SIGN_SYSTEM = 16,    /* processor time in the operating system */
    DPK_SIGN_SWITCHES = 32,  /* workers put to sleep */
    DPK_SIGN_FAULTS = 64,    /* pages mapped on first use */
    DPK_SIGN_QUEUE = 128,    /* workers that could run, without a processor */
    DPK_SIGN_THROTTLE = 256, /* CPU quotas used up */
    DPK_SIGN_DEATH = 512,    /* the program dies: there are no times to be compared; other signs
                              * beside this one are looked for at the setting `timed` */
};

typedef struct dpk_lesson {
    dpk_winner winner;      /* at the strongest setting */
    const char *strongest;  /* that setting, as on a command line: "--share=100" */
    const char *mechanism;  /* why, in a sentence or two */
    const char *history;    /* versions of kernels and libraries that changed it; NULL */
    const char *literature; /* where that is told; NULL */
    unsigned signs;         /* DPK_SIGN_… */
    const char *rule;       /* what follows from it for who writes a program, in a sentence */
    const char *timed;      /* where the strongest setting ends the program: one that does not, at
                             * which threads and processes are timed; NULL */
} dpk_lesson;

#endif
