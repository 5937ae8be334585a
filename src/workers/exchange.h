/* SPDX-License-Identifier: MIT */
/* exchange.h: messages between two processes over a stream socket, each whole or not at all. */
#ifndef DPK_EXCHANGE_H
#define DPK_EXCHANGE_H

#include <dpk/dpk.h>

/* A system call that is interrupted is called again, but not for ever: where something refuses it,
 * every time, a program that insists would hang. Timers interrupt a few times a second, so this
 * many is more than any wait sees. */
enum { DPK_PATIENCE = 1000000 };

/* Sends or receives all of the bytes. Returns false when the other side is gone, which raises no
 * signal, or when the system refuses the call: errno tells, and is 0 at the stream's end. */
bool dpk_send_all(int socket, const void *data, size_t bytes);
bool dpk_receive_all(int socket, void *data, size_t bytes);

#endif
