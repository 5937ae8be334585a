/* SPDX-License-Identifier: MIT */
/* exchange.c: a stream takes and gives as many bytes at a time as it likes. */
#include "workers/exchange.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

bool dpk_send_all(int socket, const void *data, size_t bytes)
{
    const char *from = data;
    unsigned interrupted = 0;
    while (bytes > 0) {
        ssize_t sent = send(socket, from, bytes, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR && interrupted++ < DPK_PATIENCE)
            continue;
        if (sent <= 0)
            return false;
        from += sent;
        bytes -= (size_t)sent;
    }
    return true;
}

bool dpk_receive_all(int socket, void *data, size_t bytes)
{
    char *to = data;
    unsigned interrupted = 0;
    while (bytes > 0) {
        errno = 0;
        ssize_t got = read(socket, to, bytes);
        if (got < 0 && errno == EINTR && interrupted++ < DPK_PATIENCE)
            continue;
        if (got <= 0)
            return false;
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}
