/* notes.h -- what faults.c notes and power_loss reads: a struct note, then its old bytes, again and again. */
#ifndef TRIBUTARY_TESTS_FAULTS_NOTES_H
#define TRIBUTARY_TESTS_FAULTS_NOTES_H

#include <stdint.h>

enum note_kind {
	NOTE_CREATE = 1,  /* the file was not there; its name is in the folder, not on the disk */
	NOTE_WRITE,	  /* old bytes: what stood there; the file had size_before bytes */
	NOTE_KEEP,	  /* these bytes were written durably (O_DSYNC) */
	NOTE_SYNC,	  /* everything of this file is durable */
	NOTE_FOLDER_SYNC, /* every name in this folder is durable */
	NOTE_SYNC_FAILED, /* what was not durable may never be, whatever a later sync says, unless it is written again */
};

struct note {
	uint64_t kind;
	uint64_t offset, length, size_before, old_length;
	char path[240];
};

#endif
