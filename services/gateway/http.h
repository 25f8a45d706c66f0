/* http.h -- the gateway's second mouth: libwebsockets, on the loop of the bus. Only http*.c and live.c know the library. */
#ifndef TRIBUTARY_GATEWAY_HTTP_H
#define TRIBUTARY_GATEWAY_HTTP_H

#include "request.h"

/*
 * http_open -- listen.   shape   listen is ADDRESS:PORT; port 0: any; url gets "http://ADDRESS:PORT".
 *   errors  ERR_USAGE (no such address), ERR_STORE_BUSY (cannot listen there).
 */
int http_open(struct gateway *gateway, const char *listen, char *url, size_t size) must_check;

/* http_close -- end every connection; the loop must go round a few times behind it. */
void http_close(struct gateway *gateway);
/* http_end -- what is left of the library, when the loop has ended. */
void http_end(struct gateway *gateway);

/* http_answer -- there is something to write.   http_drop -- end the connection without a word. */
void http_answer(struct request *request);
void http_drop(struct request *request);

/* http_second -- what takes too long is over. */
void http_second(struct gateway *gateway);

#endif
