#!/usr/bin/env bash
# Succeeds when a DNS server answers: asks for its status over TCP (opcode STATUS, RFC 1035 section 4.1.1), which servers
# answer with NOTIMP from the first line of their code: no upstream is asked, nothing is logged by plugins.
# The server is MINIDNS_HEALTHCHECK=ADDRESS/PORT, 127.0.0.1/53 when not set.
set -euo pipefail
exec 3<>"/dev/tcp/${MINIDNS_HEALTHCHECK:-127.0.0.1/53}"

# Length 17; id 0x4d44, opcode 2, one question: ". IN NS".
printf '\x00\x11\x4d\x44\x10\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01' >&3

# The reply has the query's id and opcode, and says that it is one: 4d 44, then 1001 0 in the next five bits.
reply=$(head -c 6 <&3 | od -An -v -tx1 | tr -d ' \n')
[[ $reply =~ ^....4d449[0-7] ]]
