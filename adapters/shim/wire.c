/* See wire.h. */
#ifdef _WIN32
#include <winsock2.h>
#include <windows.h>
typedef SOCKET Socket;
#define NO_SOCKET INVALID_SOCKET
#define PROCESS() ((long)GetCurrentProcessId())
#define INTERRUPTED() 0
#define CLOSED() (WSAGetLastError() == WSAENOTSOCK)
#define QUIET 0
#else
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
typedef int Socket;
#define NO_SOCKET (-1)
#define PROCESS() ((long)getpid())
#define INTERRUPTED() (errno == EINTR)
#define CLOSED() (errno == EBADF || errno == ENOTSOCK)
#define QUIET MSG_NOSIGNAL
#define closesocket close
#endif
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* The connection of this thread; `tried` is set once, so that a tool that is gone is not looked for at every call.
   `skip` receives do not look before they sleep; `pause` were skipped after the last look in vain. */
static _Thread_local struct { Socket socket; int tried, skip, pause; } mine;
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

#ifdef _WIN32
static LPTOP_LEVEL_EXCEPTION_FILTER handler;
static int say(char *line);
/* Tells the tool how the process ends, unless the client goes on; no debugger is asked for. */
static LONG WINAPI crashes(EXCEPTION_POINTERS *what)
{
    char line[64];
    LONG decided = handler ? handler(what) : EXCEPTION_CONTINUE_SEARCH;
    if (decided == EXCEPTION_CONTINUE_EXECUTION) return decided;
    snprintf(line, sizeof line, "crash code=%lu", what->ExceptionRecord->ExceptionCode);
    say(line);
    return EXCEPTION_EXECUTE_HANDLER;
}
#endif

/* A socket that is connected to the tool: a local one where the tool names it, which is cheaper. */
static Socket connected(const char *port)
{
    struct sockaddr_in address = {0};
    int one = 1;
#ifndef _WIN32
    struct sockaddr_un near = {.sun_family = AF_UNIX};
    const char *local = getenv("MAPI_LOGON_LOCAL");
    if (local && strlen(local) < sizeof near.sun_path - 1) {
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(local));
        int made = socket(AF_UNIX, SOCK_STREAM, 0);
        memcpy(near.sun_path + 1, local, strlen(local));
        if (made != NO_SOCKET && connect(made, (struct sockaddr *)&near, size) == 0) return made;
        if (made != NO_SOCKET) close(made);
    }
#endif
    Socket made = socket(AF_INET, SOCK_STREAM, 0);
    if (made == NO_SOCKET) return made;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(port));
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
    if (connect(made, (struct sockaddr *)&address, sizeof address) == 0) return made;
    closesocket(made);
    return NO_SOCKET;
}

static void connect_to_tool(void)
{
    const char *port = getenv("MAPI_LOGON_PORT"), *token = getenv("MAPI_LOGON_TOKEN");
    char hello[256];
    mine.tried = 1;
    mine.socket = NO_SOCKET;
    if (!port || !token) return;
#ifdef _WIN32
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    LPTOP_LEVEL_EXCEPTION_FILTER before = SetUnhandledExceptionFilter(crashes);
    if (before != crashes) handler = before;
#else
    pthread_setspecific(key, &mine);
#endif
    mine.socket = connected(port);
    if (mine.socket == NO_SOCKET) return;
#ifndef _WIN32
    /* Away from the numbers that the client uses, and that it may close. */
    int high = fcntl(mine.socket, F_DUPFD_CLOEXEC, 512);
    if (high >= 0) {
        close(mine.socket);
        mine.socket = high;
    } else {
        fcntl(mine.socket, F_SETFD, FD_CLOEXEC);
    }
#endif
    snprintf(hello, sizeof hello, "hello 1 %.128s %ld %d\n", token, PROCESS(), atomic_fetch_add(&threads, 1) + 1);
    if (!send_all(hello, strlen(hello))) {
        closesocket(mine.socket);
        mine.socket = NO_SOCKET;
        return;
    }
    used = 1;
}

static int say(char *line)
{
    size_t size = strlen(line);
    int sent = 0;
    if (!mine.tried) connect_to_tool();
    line[size] = '\n';
    if (mine.socket != NO_SOCKET) sent = send_all(line, size + 1);
    if (!sent && mine.socket != NO_SOCKET && CLOSED()) { /* by the client */
        connect_to_tool();
        if (mine.socket != NO_SOCKET) sent = send_all(line, size + 1);
    }
    line[size] = 0;
    return sent;
}

/* Receives what there is; before it sleeps it looks for a moment, as long as that pays. */
static int receive(char *to, size_t most)
{
#ifndef _WIN32
    enum { LOOKS = 64, PAUSE = 64 };
    if (mine.skip > 0) {
        mine.skip--;
    } else {
        for (int look = 0; look < LOOKS; look++) {
            int got = (int)recv(mine.socket, to, most, MSG_DONTWAIT);
            if (got >= 0 || errno != EAGAIN) {
                mine.pause = 0;
                return got;
            }
        }
        mine.pause = mine.pause == 0 ? 1 : mine.pause < PAUSE ? 2 * mine.pause : PAUSE;
        mine.skip = mine.pause;
    }
#endif
    return (int)recv(mine.socket, to, (int)most, 0);
}

int wire_ask(char line[WIRE_LINE])
{
    size_t have = 0;
    if (!say(line)) return 0;
    while (have < WIRE_LINE) {
        int got = receive(line + have, WIRE_LINE - have);
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
