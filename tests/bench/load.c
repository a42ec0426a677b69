/* A DNS load generator for UDP: one thread, many sockets, batches of datagrams with one system call.
 *
 *     cc -O2 -o load load.c
 *     load PORT NAMES SECONDS window N [SOCKETS]
 *                                           keeps N queries under way: how much the server can do
 *     load PORT NAMES SECONDS rate N [SOCKETS]
 *                                           sends N queries a second, whatever comes back: how long an answer takes, from when the
 *                                           query was sent until the kernel had the answer for us
 *     load PORT echo                        answers nothing, sends everything back: what a server can at best reach
 *
 * NAMES holds a name a line; A records are asked for, of 127.0.0.1. One line is printed:
 *
 *     sent answered lost noerror nxdomain other seconds median_us p99_us p999_us max_us
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { DEFAULT_SOCKETS = 8, MOST_SOCKETS = 1024, BATCH = 64, QUERY_SIZE = 288, REPLY_SIZE = 2048, BUCKETS = 1 << 16, IDS = 1 << 19 };

struct query { uint16_t length; uint8_t octets[QUERY_SIZE]; };

/* A client: queries under way are known by their ids; when[] holds the time at which each was sent, 0 for one that is not under way. */
struct client { int fd; unsigned next_id; int under_way; uint64_t *when; };

static struct query *queries;
static size_t query_count;
static struct client clients[MOST_SOCKETS];
static int sockets = DEFAULT_SOCKETS;
static unsigned ids; /* of a client */
static uint64_t histogram[BUCKETS]; /* by half microseconds; the last bucket holds all that is longer */
static uint64_t longest, sent, answered, lost, codes[16];
static size_t next_query;

static uint64_t nanoseconds(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The clock of the kernel's receive timestamps. */
static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return nanoseconds(t);
}

static void stop(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Writes a query for a name's A record; the id is set when it is sent. */
static void write_query(struct query *query, const char *name)
{
    static const uint8_t header[12] = { 0, 0, 1, 0, 0, 1 }; /* RD, one question */
    uint8_t *at = query->octets;
    memcpy(at, header, sizeof header);
    at += sizeof header;
    while (*name != '\0') {
        size_t label = strcspn(name, ".");
        if (label == 0 || label > 63 || at + label + 6 > query->octets + QUERY_SIZE) {
            errno = EINVAL;
            stop(name);
        }
        *at++ = (uint8_t)label;
        memcpy(at, name, label);
        at += label;
        name += label;
        name += *name == '.';
    }
    static const uint8_t end[5] = { 0, 0, 1, 0, 1 }; /* root, A, IN */
    memcpy(at, end, sizeof end);
    query->length = (uint16_t)(at + sizeof end - query->octets);
}

static void read_names(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        stop(path);
    char name[256];
    size_t room = 0;
    while (fscanf(file, "%255s", name) == 1) {
        if (query_count == room) {
            room = room == 0 ? 1024 : room * 2;
            queries = realloc(queries, room * sizeof *queries);
            if (queries == NULL)
                stop("memory");
        }
        write_query(&queries[query_count++], name);
    }
    fclose(file);
    if (query_count == 0) {
        errno = EINVAL;
        stop(path);
    }
}

static void open_clients(int port, int stamped)
{
    struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    ids = (unsigned)(IDS / sockets) < 1u << 16 ? (unsigned)(IDS / sockets) : 1u << 16;
    for (int i = 0; i < sockets; i++) {
        int size = 8 << 20;
        clients[i].when = calloc(ids, sizeof *clients[i].when);
        if (clients[i].when == NULL)
            stop("memory");
        clients[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        if (clients[i].fd < 0 || connect(clients[i].fd, (struct sockaddr *)&server, sizeof server) < 0)
            stop("socket");
        if (setsockopt(clients[i].fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
            setsockopt(clients[i].fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        if (setsockopt(clients[i].fd, SOL_SOCKET, SO_TIMESTAMPNS, &stamped, sizeof stamped) < 0)
            stop("SO_TIMESTAMPNS");
    }
}

/* Sends up to count queries; returns how many the kernel took. */
static int send_some(struct client *client, int count)
{
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    static uint8_t octets[BATCH][QUERY_SIZE];
    if (count > BATCH)
        count = BATCH;
    uint64_t time = now();
    for (int i = 0; i < count; i++) {
        const struct query *query = &queries[next_query++ % query_count];
        unsigned id = client->next_id++ % ids;
        memcpy(octets[i], query->octets, query->length);
        octets[i][0] = (uint8_t)(id >> 8);
        octets[i][1] = (uint8_t)id;
        if (client->when[id] != 0) {
            /* So many queries later, its answer does not come any more. */
            lost++;
            client->under_way--;
        }
        client->when[id] = time;
        client->under_way++;
        vectors[i] = (struct iovec) { octets[i], query->length };
        messages[i].msg_hdr = (struct msghdr) { .msg_iov = &vectors[i], .msg_iovlen = 1 };
    }
    int taken = sendmmsg(client->fd, messages, (unsigned)count, 0);
    if (taken < 0)
        taken = 0;
    for (int i = taken; i < count; i++) {
        client->when[--client->next_id % ids] = 0;
        client->under_way--;
    }
    next_query -= (size_t)(count - taken);
    sent += (uint64_t)taken;
    return taken;
}

/* When a datagram came to the socket, as the kernel noted it: what this program did at that time is not the server's latency. */
static uint64_t arrival(struct msghdr *message, uint64_t otherwise)
{
    struct timespec t;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&t, CMSG_DATA(part), sizeof t);
            return nanoseconds(t);
        }
    }
    return otherwise;
}

/* Takes in what has come; returns how much. */
static int receive_some(struct client *client)
{
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    static uint8_t octets[BATCH][REPLY_SIZE];
    static _Alignas(struct cmsghdr) uint8_t notes[BATCH][64];
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec) { octets[i], REPLY_SIZE };
        messages[i].msg_hdr = (struct msghdr) { .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_control = notes[i], .msg_controllen = sizeof notes[i] };
    }
    int taken = recvmmsg(client->fd, messages, BATCH, 0, NULL);
    uint64_t time = taken > 0 ? now() : 0;
    for (int i = 0; i < taken; i++) {
        unsigned id = (unsigned)(octets[i][0] << 8 | octets[i][1]);
        if (messages[i].msg_len < 12 || id >= ids || client->when[id] == 0)
            continue;
        uint64_t came = arrival(&messages[i].msg_hdr, time);
        uint64_t took = came > client->when[id] ? came - client->when[id] : 0;
        uint64_t bucket = took / 500;
        histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
        longest = took > longest ? took : longest;
        client->when[id] = 0;
        client->under_way--;
        answered++;
        codes[octets[i][3] & 15]++;
    }
    return taken > 0 ? taken : 0;
}

/* Queries that have been under way for a second are lost. */
static void give_up(struct client *client, uint64_t time)
{
    for (unsigned id = 0; id < ids; id++) {
        if (client->when[id] != 0 && time - client->when[id] > 1000000000u) {
            client->when[id] = 0;
            client->under_way--;
            lost++;
        }
    }
}

static void sleep_until_reply(void)
{
    struct pollfd files[MOST_SOCKETS];
    for (int i = 0; i < sockets; i++)
        files[i] = (struct pollfd) { .fd = clients[i].fd, .events = POLLIN };
    poll(files, (nfds_t)sockets, 1);
}

static void run_window(uint64_t end, int window)
{
    int each = window / sockets > 0 ? window / sockets : 1;
    uint64_t looked = now();
    for (uint64_t time = looked; time < end; time = now()) {
        int moved = 0;
        for (int i = 0; i < sockets; i++) {
            int room = each - clients[i].under_way;
            /* A batch of some size, unless the window is small. */
            if (room >= BATCH / 4 || room * 2 > each)
                moved += send_some(&clients[i], room);
            moved += receive_some(&clients[i]);
        }
        if (time - looked > 250000000u) {
            for (int i = 0; i < sockets; i++)
                give_up(&clients[i], time);
            looked = time;
        }
        if (moved == 0)
            sleep_until_reply();
    }
}

static void run_rate(uint64_t start, uint64_t end, double rate)
{
    int turn = 0;
    for (uint64_t time = start; time < end; time = now()) {
        double due = (double)(time - start) * rate / 1e9 - (double)sent;
        /* Small batches, as from many clients; what was missed while we did not run is let go rather than sent at once. */
        if (due >= 1) {
            if (due > BATCH / 2)
                start += (uint64_t)((due - BATCH / 2) / rate * 1e9);
            send_some(&clients[turn++ % sockets], due > 8 ? 8 : (int)due);
        }
        for (int i = 0; i < sockets; i++)
            receive_some(&clients[i]);
    }
}

static double percentile(double part)
{
    uint64_t wanted = (uint64_t)((double)answered * part), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen > wanted)
            return (i + 0.5) / 2;
    }
    return 0;
}

/* Receives and sends, as a server does that spends no time on queries. */
static void echo(int port)
{
    static struct mmsghdr messages[BATCH / 2];
    static struct iovec vectors[BATCH / 2];
    static struct sockaddr_in peers[BATCH / 2];
    static uint8_t octets[BATCH / 2][REPLY_SIZE];
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct pollfd file = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), .events = POLLIN };
    if (file.fd < 0 || bind(file.fd, (struct sockaddr *)&address, sizeof address) < 0)
        stop("bind");
    for (;;) {
        for (int i = 0; i < BATCH / 2; i++) {
            vectors[i] = (struct iovec) { octets[i], REPLY_SIZE };
            messages[i].msg_hdr = (struct msghdr) { .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &vectors[i], .msg_iovlen = 1 };
        }
        int taken = recvmmsg(file.fd, messages, BATCH / 2, 0, NULL);
        if (taken <= 0) {
            poll(&file, 1, -1);
            continue;
        }
        for (int i = 0; i < taken; i++) {
            vectors[i].iov_len = messages[i].msg_len;
            octets[i][2] |= 0x80; /* a response */
            octets[i][7] |= 1;    /* as if with a record */
        }
        sendmmsg(file.fd, messages, (unsigned)taken, 0);
    }
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[2], "echo") == 0)
        echo(atoi(words[1]));
    if (count == 7)
        sockets = atoi(words[6]);
    if (count < 6 || count > 7 || (strcmp(words[4], "window") != 0 && strcmp(words[4], "rate") != 0) || sockets < 1 || sockets > MOST_SOCKETS) {
        fprintf(stderr, "usage: load PORT NAMES SECONDS window|rate N [SOCKETS]\n       load PORT echo\n");
        return 2;
    }
    read_names(words[2]);
    open_clients(atoi(words[1]), words[4][0] == 'r');
    uint64_t start = now(), end = start + (uint64_t)(atof(words[3]) * 1e9);
    if (words[4][0] == 'w')
        run_window(end, atoi(words[5]));
    else
        run_rate(start, end, atof(words[5]));
    double seconds = (double)(now() - start) / 1e9;
    printf("sent %lu answered %lu lost %lu noerror %lu nxdomain %lu other %lu seconds %.3f median_us %.1f p99_us %.1f p999_us %.1f max_us %.1f\n",
           (unsigned long)sent, (unsigned long)answered, (unsigned long)lost, (unsigned long)codes[0], (unsigned long)codes[3],
           (unsigned long)(answered - codes[0] - codes[3]), seconds, percentile(0.5), percentile(0.99), percentile(0.999), (double)longest / 1e3);
    return 0;
}
