/* place.c -- directories of stores and who has them. */
#include "store/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.h"
#include "log/log.h"

#define PLACES_MAX 256

/* What a process has open is a fact of the process: the one list that is not anybody's. */
static struct {
	pthread_mutex_t lock;
	struct {
		dev_t device;
		ino_t inode;
	} places[PLACES_MAX];
	unsigned count;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int code_of_errno(int code)
{
	switch (code) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case ENOSPC:
	case EDQUOT:
		return ERR_DISK_FULL;
	default:
		return ERR_STORE_IO;
	}
}

const char *place_remote(uint64_t type)
{
	static const struct {
		uint32_t type;
		const char *name;
	} remote[] = {
		{0x6969, "nfs"},      {0x517b, "smb"},	     {0xff534d42, "cifs"},  {0xfe534d42, "smb2"},
		{0x01021997, "9p"},   {0x00c36400, "ceph"},  {0x5346414f, "afs"},   {0x6b414653, "kafs"},
		{0x73757245, "coda"}, {0x65735546, "fuse"},  {0x0bd00bd0, "lustre"}, {0x01161970, "gfs2"},
		{0x7461636f, "ocfs2"}, {0x786f4256, "vboxsf"}, {0xbacbacbc, "vmhgfs"},
	};

	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if ((uint32_t)type == remote[i].type)
			return remote[i].name;
	return NULL;
}

static int refuse_remote(const struct place *place, const char *path)
{
	struct statfs status;

	if (fstatfs(place->folder, &status) != 0)
		return code_of_errno(errno);
	const char *name = place_remote((uint64_t)status.f_type);
	if (name == NULL)
		return ERR_NONE;
	log_line(LOG_ALARM, "remote_file_system", "path=%s type=%s remedy=\"put the store on a local disk\"",
		 path, name);
	return ERR_USAGE;
}

static int registry_enter(struct place *place)
{
	int error = ERR_NONE;

	pthread_mutex_lock(&registry.lock);
	for (unsigned i = 0; i < registry.count; i++)
		if (registry.places[i].device == place->device && registry.places[i].inode == place->inode)
			error = ERR_STORE_BUSY;
	if (error == ERR_NONE) {
		CHECK(registry.count < PLACES_MAX);
		registry.places[registry.count].device = place->device;
		registry.places[registry.count].inode = place->inode;
		registry.count++;
		place->registered = true;
	}
	pthread_mutex_unlock(&registry.lock);
	return error;
}

static void registry_leave(struct place *place)
{
	pthread_mutex_lock(&registry.lock);
	for (unsigned i = 0; i < registry.count && place->registered; i++)
		if (registry.places[i].device == place->device && registry.places[i].inode == place->inode) {
			registry.places[i] = registry.places[--registry.count];
			place->registered = false;
		}
	pthread_mutex_unlock(&registry.lock);
}

static int claim(struct place *place, const char *path, bool read_only)
{
	struct stat status;

	if (fstat(place->folder, &status) != 0)
		return code_of_errno(errno);
	place->device = status.st_dev;
	place->inode = status.st_ino;
	int error = registry_enter(place);
	if (error == ERR_NONE && !read_only && flock(place->folder, LOCK_EX | LOCK_NB) != 0) {
		error = errno == EWOULDBLOCK ? ERR_STORE_BUSY : ERR_STORE_IO;
		log_line(LOG_UNUSUAL, "store_busy", "path=%s why=\"another process writes it\"", path);
	}
	return error;
}

int place_open(struct place *place, const char *path, bool read_only, bool remote_allowed)
{
	*place = (struct place){.folder = -1};
	if (!read_only && mkdir(path, 0700) != 0 && errno != EEXIST)
		return code_of_errno(errno);
	place->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->folder < 0)
		return code_of_errno(errno);
	if (read_only && faccessat(place->folder, "data.mdb", R_OK, 0) != 0)
		return code_of_errno(errno);
	int error = remote_allowed ? ERR_NONE : refuse_remote(place, path);
	return error == ERR_NONE ? claim(place, path, read_only) : error;
}

void place_close(struct place *place)
{
	registry_leave(place);
	if (place->folder >= 0)
		close(place->folder); /* and the writer's lock with it */
	place->folder = -1;
}

static int sync_parent(const char *path)
{
	char parent[4096];
	int size = snprintf(parent, sizeof(parent), "%s", path);

	CHECK((size_t)size < sizeof(parent)); /* the path has been opened */
	while (size > 1 && parent[size - 1] == '/')
		parent[--size] = 0;
	char *slash = strrchr(parent, '/');
	if (slash != NULL)
		slash[slash == parent] = 0;
	int folder = open(slash != NULL ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return ERR_STORE_IO;
	int error = fsync(folder) == 0 ? ERR_NONE : ERR_STORE_IO;
	close(folder);
	return error;
}

int place_sync(const struct place *place, const char *path)
{
	return fsync(place->folder) == 0 ? sync_parent(path) : ERR_STORE_IO;
}

/*
 * The wanted file among those that we have open: opening it once more and closing it would drop LMDB's
 * locks on it.
 */
static int adopt_file(int file, const struct stat *wanted, bool allocate)
{
	struct stat status;

	if (fstat(file, &status) != 0 || status.st_dev != wanted->st_dev || status.st_ino != wanted->st_ino)
		return ERR_NONE;
	(void)fcntl(file, F_SETFD, FD_CLOEXEC);
	return allocate && posix_fallocate(file, 0, status.st_size) == ENOSPC ? ERR_DISK_FULL : ERR_NONE;
}

static int adopt(const struct place *place, const char *name, bool allocate)
{
	DIR *open_files = opendir("/proc/self/fd");
	struct stat wanted;
	int error = ERR_NONE;

	if (open_files == NULL)
		return ERR_NONE; /* no /proc here: a started program inherits the files, and that is all */
	if (fstatat(place->folder, name, &wanted, 0) == 0)
		for (struct dirent *entry = readdir(open_files); entry != NULL; entry = readdir(open_files))
			if (entry->d_name[0] != '.' && error == ERR_NONE)
				error = adopt_file((int)strtol(entry->d_name, NULL, 10), &wanted, allocate);
	closedir(open_files);
	return error;
}

int place_adopt(const struct place *place, bool read_only)
{
	(void)adopt(place, "data.mdb", false); /* only an allocation can fail */
	return adopt(place, "lock.mdb", !read_only);
}

uint64_t place_free_bytes(const struct place *place)
{
	struct statvfs status;

	if (fstatvfs(place->folder, &status) != 0)
		return UINT64_MAX;
	return (uint64_t)status.f_bavail * status.f_frsize;
}

bool place_forget_unborn(const struct place *place)
{
	struct stat status;
	long page = sysconf(_SC_PAGESIZE);

	return fstatat(place->folder, "data.mdb", &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_size <= 2 * page &&
	       unlinkat(place->folder, "data.mdb", 0) == 0;
}
