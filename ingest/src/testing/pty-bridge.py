# SPDX-License-Identifier: Apache-2.0
"""Opens pseudo-terminals and carries what passes over each to a socket of its own, which begins with its number."""
import os
import selectors
import socket
import sys
import tty

port, count = int(sys.argv[1]), int(sys.argv[2])
masters = {}
kept_open = []
for index in range(count):
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    # Without a holder the master fails while nobody has the port open.
    kept_open.append(slave)
    masters[index] = master
    print(os.ttyname(slave), flush=True)

selector = selectors.DefaultSelector()
sockets = {}


def call(index):
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(bytes([index >> 8, index & 255]))
    sockets[index] = link
    selector.register(link, selectors.EVENT_READ, ("socket", index))


for index, master in masters.items():
    selector.register(master, selectors.EVENT_READ, ("pty", index))
    call(index)

while True:
    for key, _ in selector.select():
        kind, index = key.data
        try:
            if kind == "pty":
                sockets[index].sendall(os.read(masters[index], 4096))
                continue
            data = sockets[index].recv(4096)
            if data:
                os.write(masters[index], data)
                continue
        except OSError:
            pass
        if kind == "socket":
            selector.unregister(sockets[index])
            sockets[index].close()
            call(index)
