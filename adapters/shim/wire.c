/* See wire.h. */
#ifdef _WIN32
#include <winsock2.h>
#include <windows.h>
typedef SOCKET Socket;
#define NO_SOCKET INVALID_SOCKET
#define PROCESS() ((long)GetCurrentProcessId())
#define INTERRUPTED() 0
#define QUIET 0
#else
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
typedef int Socket;
#define NO_SOCKET (-1)
#define PROCESS() ((long)getpid())
#define INTERRUPTED() (errno == EINTR)
#define QUIET MSG_NOSIGNAL
#define closesocket close
#endif
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* The connection of this thread; `tried` is set once, so that a tool that is gone is not looked for at every call. */
static _Thread_local struct { Socket socket; int tried; } mine;
static atomic_int threads, used;
static void (*forked)(void);

#ifndef _WIN32
static pthread_key_t key;
static void thread_ends(void *unused)
{
    (void)unused;
    if (mine.tried && mine.socket != NO_SOCKET) close(mine.socket);
    mine.tried = 0;
}
static void child_begins(void)
{
    thread_ends(NULL);
    threads = used = 0;
    if (forked) forked();
}
static void __attribute__((constructor)) prepare(void)
{
    pthread_key_create(&key, thread_ends);
    pthread_atfork(NULL, NULL, child_begins);
}
#else
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    (void)library;
    (void)reserved;
    if (reason == DLL_THREAD_DETACH && mine.tried && mine.socket != NO_SOCKET) closesocket(mine.socket);
    return TRUE;
}
#endif

static int send_all(const char *text, size_t size)
{
    while (size > 0) {
        int sent = (int)send(mine.socket, text, size, QUIET);
        if (sent < 0 && INTERRUPTED()) continue;
        if (sent <= 0) return 0;
        text += sent;
        size -= (size_t)sent;
    }
    return 1;
}

static void connect_to_tool(void)
{
    struct sockaddr_in address = {0};
    const char *port = getenv("MAPI_LOGON_PORT"), *token = getenv("MAPI_LOGON_TOKEN");
    char hello[256];
    int one = 1;
    mine.tried = 1;
    mine.socket = NO_SOCKET;
    if (!port || !token) return;
#ifdef _WIN32
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
#else
    pthread_setspecific(key, &mine);
#endif
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(port));
    mine.socket = socket(AF_INET, SOCK_STREAM, 0);
    if (mine.socket == NO_SOCKET) return;
#ifndef _WIN32
    fcntl(mine.socket, F_SETFD, FD_CLOEXEC);
#endif
    setsockopt(mine.socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
    snprintf(hello, sizeof hello, "hello 1 %.128s %ld %d\n", token, PROCESS(), atomic_fetch_add(&threads, 1) + 1);
    if (connect(mine.socket, (struct sockaddr *)&address, sizeof address) != 0 || !send_all(hello, strlen(hello))) {
        closesocket(mine.socket);
        mine.socket = NO_SOCKET;
        return;
    }
    used = 1;
}

static int say(char *line)
{
    size_t size = strlen(line);
    if (!mine.tried) connect_to_tool();
    if (mine.socket == NO_SOCKET) return 0;
    line[size] = '\n';
    int sent = send_all(line, size + 1);
    line[size] = 0;
    return sent;
}

int wire_ask(char line[WIRE_LINE])
{
    size_t have = 0;
    if (!say(line)) return 0;
    while (have < WIRE_LINE) {
        int got = (int)recv(mine.socket, line + have, WIRE_LINE - have, 0);
        if (got < 0 && INTERRUPTED()) continue;
        if (got <= 0) return 0;
        have += (size_t)got;
        if (line[have - 1] == '\n') {
            line[have - 1] = 0;
            return 1;
        }
    }
    return 0;
}

void wire_tell(char line[WIRE_LINE]) { say(line); }
int wire_was_used(void) { return used; }
void wire_on_fork(void (*begun)(void)) { forked = begun; }

void wire_widen(const char *text, uint16_t *wide, int most)
{
#ifdef _WIN32
    wide[0] = 0;
    MultiByteToWideChar(CP_ACP, 0, text, -1, (wchar_t *)wide, most);
    wide[most - 1] = 0;
#else
    (void)text; /* texts are UTF-8 */
    if (most > 0) wide[0] = 0;
#endif
}
