/* The minimum that a program must do to check a control plane node against cis-1.12: one pass over /proc that reads the
   name of every process, and the command line, executable and cgroup of each possible component; then lstat of every
   file and directory that the master and node targets inspect, and one read of each file whose content they check. It
   decides nothing, and prints how much it read so that no work can be optimized away.

   The files are those of a kubeadm node (benches/whole-process.sh runs it on one). */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const candidates[] = {"kubelet", "kube-apiserver", "kube-controller", "kube-scheduler", "kube-proxy",
                                         "etcd", "containerd", "crio", "cri-dockerd", "dockerd", "k3s", "k0s"};
/* Checked by their metadata alone. */
static const char *const looked_at[] = {
    "/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf", "/etc/kubernetes/scheduler.conf",
    "/etc/kubernetes/controller-manager.conf", "/etc/kubernetes/kubelet.conf", "/var/lib/etcd",
    "/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/proxy.conf", "/etc/cni/net.d", "/etc/kubernetes/pki"};
/* Checked by their content too, or needed to determine a process's owner. */
static const char *const read_too[] = {
    "/etc/kubernetes/manifests/kube-apiserver.yaml", "/etc/kubernetes/manifests/kube-controller-manager.yaml",
    "/etc/kubernetes/manifests/kube-scheduler.yaml", "/etc/kubernetes/manifests/etcd.yaml",
    "/var/lib/kubelet/config.yaml", "/usr/lib/systemd/system/kubelet.service",
    "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", "/etc/passwd", "/etc/group"};
/* Directories whose files are all checked. */
static const char *const directories[] = {"/etc/kubernetes/manifests", "/etc/kubernetes/pki", "/etc/kubernetes/pki/etcd",
                                          "/etc/cni/net.d"};

static long processes, commands, files, bytes;
static char buffer[1 << 20];

static ssize_t content(int at, const char *path) {
    int file = openat(at, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return -1;
    ssize_t length = read(file, buffer, sizeof buffer - 1);
    close(file);
    if (length >= 0) buffer[length] = 0;
    return length;
}

static int is_candidate(void) {
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (strncmp(buffer, candidates[i], strlen(candidates[i])) == 0) return 1;
    return 0;
}

static void process(int proc, const char *pid) {
    char path[300];
    struct stat executable;
    snprintf(path, sizeof path, "%s/comm", pid);
    if (content(proc, path) <= 0) return;
    processes++;
    if (!is_candidate()) return;
    commands++;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", pid, i ? "cgroup" : "cmdline");
        ssize_t length = content(proc, path);
        if (length > 0) bytes += length;
    }
    snprintf(path, sizeof path, "%s/exe", pid);
    if (readlinkat(proc, path, buffer, sizeof buffer) > 0) bytes++;
    if (fstatat(proc, path, &executable, 0) == 0) bytes++;
}

static void look(int at, const char *path) {
    struct stat seen;
    if (fstatat(at, path, &seen, AT_SYMLINK_NOFOLLOW) == 0) files++;
}

int main(void) {
    struct dirent *entry;
    DIR *proc = opendir("/proc");
    if (!proc) return 1;
    while ((entry = readdir(proc)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') process(dirfd(proc), entry->d_name);
    closedir(proc);
    for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; i++) look(AT_FDCWD, looked_at[i]);
    for (size_t i = 0; i < sizeof read_too / sizeof *read_too; i++) {
        look(AT_FDCWD, read_too[i]);
        ssize_t length = content(AT_FDCWD, read_too[i]);
        if (length > 0) bytes += length;
    }
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        DIR *directory = opendir(directories[i]);
        if (!directory) continue;
        while ((entry = readdir(directory)))
            if (entry->d_name[0] != '.') look(dirfd(directory), entry->d_name);
        closedir(directory);
    }
    printf("%ld processes, %ld command lines, %ld files, %ld bytes\n", processes, commands, files, bytes);
    return files < 20 || commands < 5;
}
