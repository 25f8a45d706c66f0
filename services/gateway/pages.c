/* pages.c -- the files of the web pages, read at start: a page that was loaded never meets a file of another build. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/hash.h"
#include "log/log.h"
#include "routes.h"

#define FILES_MAX 512
#define FILE_BYTES_MAX (8u << 20)
#define GZIP_FROM 1024 /* bytes; smaller ones are sent as they are */

struct page {
	char path[PATH_BYTES_MAX + 1]; /* "/assets/index-3f2a.js" */
	const char *type;
	char etag[24];
	bool is_hashed; /* its name changes with its bytes */
	struct body *plain, *packed;
};

struct pages {
	struct page files[FILES_MAX];
	unsigned count;
};

static const char *type_of(const char *name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {{".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
		     {".svg", "image/svg+xml"},		    {".png", "image/png"},		       {".ico", "image/x-icon"},
		     {".json", "application/json"},	    {".webmanifest", "application/manifest+json"}, {".woff2", "font/woff2"},
		     {".txt", "text/plain; charset=utf-8"}};
	size_t size = strlen(name);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t ending = strlen(types[i].ending);

		if (size > ending && strcmp(name + size - ending, types[i].ending) == 0)
			return types[i].type;
	}
	return NULL; /* nothing of the web pages: not served */
}

static struct body *read_file(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct body *body = NULL;
	struct stat status;

	if (file < 0)
		return NULL;
	if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= (off_t)FILE_BYTES_MAX) {
		size_t size = (size_t)status.st_size;

		body = malloc(sizeof(*body) + size);
		if (body != NULL)
			*body = (struct body){.holders = 1, .size = size};
		if (body != NULL && read(file, body->bytes, size) != (ssize_t)size)
			body_release(&body);
	}
	close(file);
	return body;
}

static struct body *pack(const struct body *plain)
{
	z_stream stream = {0};
	size_t most = plain->size + plain->size / 1000 + 64;
	struct body *body = plain->size >= GZIP_FROM ? malloc(sizeof(*body) + most) : NULL;

	if (body == NULL || deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(body);
		return NULL;
	}
	stream.next_in = (Bytef *)(uintptr_t)plain->bytes;
	stream.avail_in = (uInt)plain->size;
	stream.next_out = body->bytes;
	stream.avail_out = (uInt)most;
	bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
	*body = (struct body){.holders = 1, .size = most - stream.avail_out};
	deflateEnd(&stream);
	if (!done || body->size >= plain->size)
		body_release(&body);
	return body;
}

/* A name as bundlers make them: something-HASH.ending, eight letters or more. */
static bool is_hashed(const char *path)
{
	const char *dot = strrchr(path, '.'), *dash = dot;

	if (strncmp(path, "/assets/", 8) != 0 || dot == NULL)
		return false;
	while (dash > path && *dash != '-')
		dash--;
	return *dash == '-' && dot - dash > 8;
}

static void add_file(struct pages *pages, const char *folder, const char *path)
{
	struct page *page = &pages->files[pages->count];
	char file[4600];

	if (pages->count == FILES_MAX || strlen(path) > PATH_BYTES_MAX || type_of(path) == NULL)
		return;
	snprintf(file, sizeof(file), "%s%s", folder, path);
	*page = (struct page){.type = type_of(path), .is_hashed = is_hashed(path), .plain = read_file(file)};
	if (page->plain == NULL)
		return;
	memcpy(page->path, path, strlen(path) + 1);
	snprintf(page->etag, sizeof(page->etag), "\"%016llx\"",
		 (unsigned long long)hash_bytes(bytes_of(page->plain->bytes, page->plain->size)));
	page->packed = pack(page->plain);
	pages->count++;
}

static void add_folder(struct pages *pages, const char *folder, const char *below, unsigned depth)
{
	char path[4600];

	snprintf(path, sizeof(path), "%s%s", folder, below);
	DIR *files = opendir(path);
	for (struct dirent *entry = files != NULL ? readdir(files) : NULL; entry != NULL; entry = readdir(files)) {
		if (entry->d_name[0] == '.' || strlen(below) + strlen(entry->d_name) + 2 > PATH_BYTES_MAX)
			continue;
		snprintf(path, sizeof(path), "%s/%s", below, entry->d_name);
		if (entry->d_type == DT_DIR && depth < 4)
			add_folder(pages, folder, path, depth + 1);
		else if (entry->d_type == DT_REG)
			add_file(pages, folder, path);
	}
	if (files != NULL)
		closedir(files);
}

int pages_open(struct gateway *gateway, const char *folder)
{
	gateway->pages = calloc(1, sizeof(*gateway->pages));
	if (gateway->pages == NULL)
		return ERR_MEMORY;
	add_folder(gateway->pages, folder, "", 0);
	log_line(LOG_INFO, "pages", "files=%u", gateway->pages->count);
	return ERR_NONE;
}

void pages_close(struct gateway *gateway)
{
	for (unsigned i = 0; gateway->pages != NULL && i < gateway->pages->count; i++) {
		body_release(&gateway->pages->files[i].plain);
		body_release(&gateway->pages->files[i].packed);
	}
	free(gateway->pages);
	gateway->pages = NULL;
}

static const struct page *page_find(const struct pages *pages, const char *path)
{
	for (unsigned i = 0; i < pages->count; i++)
		if (strcmp(pages->files[i].path, path) == 0)
			return &pages->files[i];
	return NULL;
}

/* The page itself knows the paths that are no file: it is one page, with its state in the address. */
void get_page(struct request *request)
{
	const struct pages *pages = request->gateway->pages;
	const struct page *page = page_find(pages, request->path);
	const char *name = strrchr(request->path, '/');

	if (page == NULL && (name == NULL || strchr(name, '.') == NULL))
		page = page_find(pages, "/index.html");
	if (page == NULL) {
		request_problem(request, 404, NULL, "There is no %s. The API is described at /v1/openapi.yaml.", request->path);
		return;
	}
	request_header(request, "ETag: %s", page->etag);
	request_header(request, "Cache-Control: %s", page->is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
	request_header(request, "Vary: Accept-Encoding");
	if (strcmp(request->etag, page->etag) == 0) {
		request_answer(request, 304, NULL, body_hold(page->plain));
		return;
	}
	bool packed = request->gzip && page->packed != NULL;
	if (packed)
		request_header(request, "Content-Encoding: gzip");
	request_answer(request, 200, page->type, body_hold(packed ? page->packed : page->plain));
}

void get_document(struct request *request)
{
	request_answer(request, 200, "application/yaml", body_copy(request->gateway->document));
}
