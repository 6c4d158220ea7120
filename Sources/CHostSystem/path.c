#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int32_t host_path_kind(const char *path) {
    struct stat s;
    if (stat(path, &s) != 0) {
        // Something is there, though it may not be looked at.
        return errno == ENOENT || errno == ENOTDIR ? HOST_PATH_MISSING : HOST_PATH_OTHER;
    }
    return S_ISREG(s.st_mode) ? HOST_PATH_FILE : S_ISDIR(s.st_mode) ? HOST_PATH_FOLDER : HOST_PATH_OTHER;
}

bool host_path_stamp(const char *path, host_stamp *stamp) {
    struct stat s;
    if (stat(path, &s) != 0) {
        return false;
    }
    *stamp = host_stamp_of(&s);
    return true;
}

char *host_folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

struct host_folder {
    DIR *directory;
};

host_status host_folder_open(const char *path, host_folder **folder, host_failure *failure) {
    *folder = NULL;
    host_folder *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, sizeof *made);
    }
    int descriptor = host_open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY, 0);
    made->directory = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (made->directory == NULL) {
        int code = errno;
        if (descriptor >= 0) {
            close(descriptor);
        }
        free(made);
        return host_fail_system(failure, code, "opendir");
    }
    *folder = made;
    return HOST_OK;
}

host_status host_folder_next(host_folder *folder, const char **name, host_failure *failure) {
    *name = NULL;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder->directory);
        if (entry == NULL) {
            return errno == 0 ? HOST_OK : host_fail_system(failure, errno, "readdir");
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            *name = entry->d_name;
            return HOST_OK;
        }
    }
}

void host_folder_close(host_folder *folder) {
    if (folder != NULL) {
        closedir(folder->directory);
        free(folder);
    }
}
