/* routes.h -- who answers what. Every handler answers the request, now or later. */
#ifndef TRIBUTARY_GATEWAY_ROUTES_H
#define TRIBUTARY_GATEWAY_ROUTES_H

#include "request.h"

void get_rows(struct request *request);	    /* rows.c: /v1/stock and its like */
void get_lag(struct request *request);	    /* lag.c */
void get_events(struct request *request);   /* events.c */
void post_events(struct request *request);  /* publish.c */
void post_decision(struct request *request); /* decide.c: /v1/quarantine/SERVICE/NUMBER/retry or discard */
void get_trace(struct request *request);    /* trace.c */
void get_stream(struct request *request);   /* stream.c */
void get_session(struct request *request);  /* session.c */
void post_session(struct request *request);
void delete_session(struct request *request);
void get_metrics(struct request *request);  /* metrics.c */
void get_health(struct request *request);   /* health.c */
void get_ready(struct request *request);
void get_page(struct request *request);	    /* pages.c */
void get_document(struct request *request);

/* session.c: who asks, by token or cookie; false: nobody that may, the problem is answered. */
int sessions_open(struct gateway *gateway) must_check;
void sessions_close(struct gateway *gateway);
bool caller_find(struct request *request);
/* caller_of -- the same for whoever has no request yet. guarded: a cookie needs the CSRF token as well. */
bool caller_of(struct gateway *gateway, const char *token, const char *cookie, const char *csrf, bool guarded, struct caller *caller,
	       const char **why);
void sessions_look(struct gateway *gateway); /* is there a registry, is there a token of the local network? */

/* pages.c: the files of the web pages. */
int pages_open(struct gateway *gateway, const char *folder) must_check;
void pages_close(struct gateway *gateway);

/* measures.c, tail.c: what streams hold. */
void measures_close(struct gateway *gateway);
void tails_close(struct gateway *gateway);

#endif
