/*
 * message_words.h -- the first word of each message and how many elements it has, in the order of enum
 * message_kind.
 */
#ifndef TRIBUTARY_PACK_MESSAGE_WORDS_H
#define TRIBUTARY_PACK_MESSAGE_WORDS_H

#include <stdint.h>

#define MESSAGE_WORD_COUNT 15

static const struct message_word {
	const char *word;
	uint32_t items;
} message_words[MESSAGE_WORD_COUNT] = {
    {"hello", 4},	{"publish", 6}, {"ping", 3},	{"subscribe", 7}, {"credit", 5},
    {"unsubscribe", 3}, {"query", 5},	{"welcome", 8}, {"ack", 6},	  {"resend", 7},
    {"batch", 8},	{"head", 6},	{"reply", 5},	{"pong", 4},	  {"error", 3},
};

#endif
