/* SPDX-License-Identifier: MIT */
/* exchange.h: what two processes tell each other over a socket pair, whole or not at all. */
#ifndef DPK_EXCHANGE_H
#define DPK_EXCHANGE_H

#include <dpk/dpk.h>

/* All of the bytes; false when the other side is gone, which raises no signal. */
bool dpk_send_all(int socket, const void *data, size_t bytes);
bool dpk_receive_all(int socket, void *data, size_t bytes);

#endif
