/* What Linux offers a UDP server, one by one: a server that only receives and sends, with one of the kernel's ways of doing so.
 *
 *     cc -O2 -o kernel kernel.c -luring
 *     kernel PORT WAY
 *
 * Ways:
 *     batch        recvmmsg and sendmmsg, not blocking, and poll(2) when nothing is there: what MiniDns does
 *     one          recvmsg and sendto, a datagram at a time
 *     wait-for-one recvmmsg, blocking, with MSG_WAITFORONE; no poll
 *     busy-poll    batch with SO_BUSY_POLL and SO_PREFER_BUSY_POLL of 50 us
 *     gro          batch with UDP_GRO: datagrams of one sender may come joined, and are sent back one by one
 *     gso          batch with UDP_SEGMENT: replies of one batch to one client and of one size are sent joined
 *     gro-gso      both
 *     steered      two sockets on the port, each with SO_INCOMING_CPU, one thread each, bound to processors 0 and 1
 *     unsteered    the same without SO_INCOMING_CPU
 *     bpf          the same, a BPF program choosing the socket by the processor that received
 *     uring        io_uring: multishot receive into provided buffers, a send for each
 *
 * The CPU time of this process by its answers is the figure; compare.py kernel prints it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { BATCH = 32, SIZE = 2048, JOINED_SIZE = 1 << 16 };

static int port, wait_for_one, busy_poll, gro, gso;

static void stop(const char *what)
{
    fprintf(stderr, "kernel: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void set(int fd, int level, int option, int value, const char *name)
{
    if (setsockopt(fd, level, option, &value, sizeof value) < 0)
        stop(name);
}

static int open_socket(int type)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_DGRAM | type, 0);
    if (fd < 0)
        stop("socket");
    set(fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
    set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20, "SO_RCVBUFFORCE");
    if (busy_poll) {
        set(fd, SOL_SOCKET, SO_BUSY_POLL, 50, "SO_BUSY_POLL");
        set(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, 1, "SO_PREFER_BUSY_POLL");
    }
    if (gro)
        set(fd, IPPROTO_UDP, UDP_GRO, 1, "UDP_GRO");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        stop("bind");
    return fd;
}

static void answer(uint8_t *message)
{
    message[2] |= 0x80; /* a response */
    message[7] |= 1;    /* as if with a record */
}

static void one_by_one(int fd)
{
    uint8_t octets[SIZE];
    struct sockaddr_in peer;
    for (;;) {
        socklen_t length = sizeof peer;
        ssize_t size = recvfrom(fd, octets, sizeof octets, 0, (struct sockaddr *)&peer, &length);
        if (size >= 12) {
            answer(octets);
            sendto(fd, octets, (size_t)size, 0, (struct sockaddr *)&peer, length);
        }
    }
}

/* The size of each datagram of a joined one, or 0. */
static int segment_size(struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part))
        if (part->cmsg_level == IPPROTO_UDP && part->cmsg_type == UDP_GRO)
            return *(int *)(void *)CMSG_DATA(part);
    return 0;
}

static void *batches(void *argument)
{
    int fd = *(int *)argument, size = gro ? JOINED_SIZE : SIZE;
    struct { struct mmsghdr in[BATCH], out[BATCH * 8]; struct iovec to[BATCH], from[BATCH * 8]; struct sockaddr_in peers[BATCH];
             _Alignas(8) uint8_t notes[BATCH][64], marks[BATCH * 8][CMSG_SPACE(2)]; } *b = calloc(1, sizeof *b);
    uint8_t *octets = malloc((size_t)size * BATCH);
    if (b == NULL || octets == NULL)
        stop("memory");
    struct pollfd file = { .fd = fd, .events = POLLIN };
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            b->to[i] = (struct iovec) { octets + (size_t)i * (size_t)size, (size_t)size };
            b->in[i].msg_hdr = (struct msghdr) { .msg_name = &b->peers[i], .msg_namelen = sizeof b->peers[i], .msg_iov = &b->to[i], .msg_iovlen = 1,
                                                 .msg_control = gro ? b->notes[i] : NULL, .msg_controllen = gro ? sizeof b->notes[i] : 0 };
        }
        int taken = recvmmsg(fd, b->in, BATCH, wait_for_one ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
        if (taken <= 0) {
            poll(&file, 1, -1);
            continue;
        }
        int pieces = 0, messages = 0;
        for (int i = 0; i < taken; i++) {
            int length = (int)b->in[i].msg_len, step = gro ? segment_size(&b->in[i].msg_hdr) : 0;
            if (step == 0)
                step = length;
            for (int at = 0; at < length && pieces < BATCH * 8; at += step, pieces++) {
                uint8_t *message = octets + (size_t)i * (size_t)size + at;
                int piece = length - at < step ? length - at : step;
                answer(message);
                b->from[pieces] = (struct iovec) { message, (size_t)piece };
                struct msghdr *last = messages > 0 ? &b->out[messages - 1].msg_hdr : NULL;
                if (gso && last != NULL && last->msg_iov[0].iov_len == (size_t)piece && memcmp(last->msg_name, &b->peers[i], sizeof b->peers[i]) == 0) {
                    last->msg_iovlen++;
                    last->msg_control = b->marks[messages - 1];
                    last->msg_controllen = sizeof b->marks[0];
                    struct cmsghdr *mark = CMSG_FIRSTHDR(last);
                    *mark = (struct cmsghdr) { .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(2) };
                    *(uint16_t *)(void *)CMSG_DATA(mark) = (uint16_t)piece;
                } else {
                    b->out[messages++].msg_hdr = (struct msghdr) { .msg_name = &b->peers[i], .msg_namelen = sizeof b->peers[i], .msg_iov = &b->from[pieces], .msg_iovlen = 1 };
                }
            }
        }
        for (int gone = 0; gone < messages;) {
            int now = sendmmsg(fd, b->out + gone, (unsigned)(messages - gone), 0);
            gone += now > 0 ? now : 1;
        }
    }
    return NULL;
}

static void on_two_processors(int steered, int bpf)
{
    static int sockets[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        sockets[i] = open_socket(SOCK_NONBLOCK);
        if (steered)
            set(sockets[i], SOL_SOCKET, SO_INCOMING_CPU, i, "SO_INCOMING_CPU");
    }
    if (bpf) {
        struct sock_filter code[] = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_CPU) }, { BPF_ALU | BPF_AND | BPF_K, 0, 0, 1 }, { BPF_RET | BPF_A, 0, 0, 0 } };
        struct sock_fprog program = { 3, code };
        if (setsockopt(sockets[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0)
            stop("SO_ATTACH_REUSEPORT_CBPF");
    }
    for (int i = 0; i < 2; i++) {
        cpu_set_t processors;
        CPU_ZERO(&processors);
        CPU_SET(i, &processors);
        pthread_create(&threads[i], NULL, batches, &sockets[i]);
        pthread_setaffinity_np(threads[i], sizeof processors, &processors);
    }
    pthread_join(threads[0], NULL);
}

/* Receives with one multishot request into a ring of buffers; each reply is a request of its own, in the buffer that the query came in. */
static void uring(int fd)
{
    enum { BUFFERS = 1024 };
    static struct msghdr form = { .msg_namelen = sizeof(struct sockaddr_in) };
    static struct msghdr replies[BUFFERS];
    static struct iovec vectors[BUFFERS];
    struct io_uring ring;
    struct io_uring_params parameters = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN };
    int status = io_uring_queue_init_params(2048, &ring, &parameters);
    if (status < 0) {
        errno = -status;
        stop("io_uring");
    }
    struct io_uring_buf_ring *buffers;
    uint8_t *octets = aligned_alloc(4096, (size_t)BUFFERS * SIZE);
    if (posix_memalign((void **)&buffers, 4096, BUFFERS * sizeof(struct io_uring_buf)) != 0 || octets == NULL)
        stop("memory");
    struct io_uring_buf_reg registration = { .ring_addr = (uintptr_t)buffers, .ring_entries = BUFFERS };
    if ((status = io_uring_register_buf_ring(&ring, &registration, 0)) < 0) {
        errno = -status;
        stop("provided buffers");
    }
    io_uring_buf_ring_init(buffers);
    for (int i = 0; i < BUFFERS; i++)
        io_uring_buf_ring_add(buffers, octets + (size_t)i * SIZE, SIZE, (unsigned short)i, io_uring_buf_ring_mask(BUFFERS), i);
    io_uring_buf_ring_advance(buffers, BUFFERS);
    int armed = 0;
    for (;;) {
        if (!armed) {
            struct io_uring_sqe *request = io_uring_get_sqe(&ring);
            io_uring_prep_recvmsg_multishot(request, fd, &form, 0);
            request->flags |= IOSQE_BUFFER_SELECT;
            request->buf_group = 0;
            request->user_data = BUFFERS;
            armed = 1;
        }
        io_uring_submit_and_wait(&ring, 1);
        struct io_uring_cqe *done;
        unsigned head, count = 0;
        int returned = 0;
        io_uring_for_each_cqe(&ring, head, done) {
            count++;
            if (done->user_data == BUFFERS) {
                armed = (done->flags & IORING_CQE_F_MORE) != 0;
                if (done->res < 0 || (done->flags & IORING_CQE_F_BUFFER) == 0)
                    continue;
                int id = (int)(done->flags >> IORING_CQE_BUFFER_SHIFT);
                struct io_uring_recvmsg_out *in = io_uring_recvmsg_validate(octets + (size_t)id * SIZE, done->res, &form);
                if (in != NULL) {
                    uint8_t *message = io_uring_recvmsg_payload(in, &form);
                    answer(message);
                    vectors[id] = (struct iovec) { message, io_uring_recvmsg_payload_length(in, done->res, &form) };
                    replies[id] = (struct msghdr) { .msg_name = io_uring_recvmsg_name(in), .msg_namelen = in->namelen, .msg_iov = &vectors[id], .msg_iovlen = 1 };
                    struct io_uring_sqe *request = io_uring_get_sqe(&ring);
                    if (request == NULL) {
                        io_uring_submit(&ring);
                        request = io_uring_get_sqe(&ring);
                    }
                    io_uring_prep_sendmsg(request, fd, &replies[id], 0);
                    request->user_data = (uint64_t)id;
                    continue;
                }
                io_uring_buf_ring_add(buffers, octets + (size_t)id * SIZE, SIZE, (unsigned short)id, io_uring_buf_ring_mask(BUFFERS), returned++);
            } else {
                int id = (int)done->user_data;
                io_uring_buf_ring_add(buffers, octets + (size_t)id * SIZE, SIZE, (unsigned short)id, io_uring_buf_ring_mask(BUFFERS), returned++);
            }
        }
        io_uring_cq_advance(&ring, count);
        io_uring_buf_ring_advance(buffers, returned);
    }
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: kernel PORT batch|one|wait-for-one|busy-poll|gro|gso|gro-gso|steered|unsteered|bpf|uring\n");
        return 2;
    }
    port = atoi(words[1]);
    const char *way = words[2];
    wait_for_one = strcmp(way, "wait-for-one") == 0;
    busy_poll = strcmp(way, "busy-poll") == 0;
    gro = strncmp(way, "gro", 3) == 0;
    gso = strcmp(way, "gso") == 0 || strcmp(way, "gro-gso") == 0;
    if (strcmp(way, "steered") == 0 || strcmp(way, "unsteered") == 0 || strcmp(way, "bpf") == 0) {
        on_two_processors(way[0] == 's', way[0] == 'b');
    } else {
        int fd = open_socket(wait_for_one || strcmp(way, "one") == 0 || strcmp(way, "uring") == 0 ? 0 : SOCK_NONBLOCK);
        if (strcmp(way, "one") == 0)
            one_by_one(fd);
        else if (strcmp(way, "uring") == 0)
            uring(fd);
        else
            batches(&fd);
    }
}
