#!/usr/bin/env python3
"""The kernel's audit records as an audit daemon would write them, from the multicast group of its netlink socket.

Usage: audit-log.py FILE   Begins FILE when it listens; ends on SIGTERM. Needs CAP_AUDIT_READ.
"""
import signal, socket, struct, sys

NETLINK_AUDIT, READLOG = 9, 1
listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
listener.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE: nothing may be lost here
listener.bind((0, READLOG))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with open(sys.argv[1], 'wb', buffering=0) as log:
    log.write(b'# listening\n')
    while True:
        message = listener.recv(65536)
        length, kind = struct.unpack_from('=IH', message)
        log.write(b'type=%s msg=%s\n' % (b'SECCOMP' if kind == 1326 else b'%d' % kind, message[16:length].rstrip(b'\0\n')))
