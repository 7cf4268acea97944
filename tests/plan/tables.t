# Which tables a command line asks for, in which order, with which states.
# "connected" is all but listening, closed, syn-recv and time-wait.

machine small: kernel 6.12, tcp 200, inuse 180, udp 50, host 900, bpf

# Nothing said: every table that is there, in the order of their answers.
small$ ss
  unix: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  udp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: connected and bound-inactive; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  dccp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  vsock: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -a
  netlink: all; netlink (only TCP and UDP sockets are walked by BPF)
  packet: all; netlink (only TCP and UDP sockets are walked by BPF)
  unix: all; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet: all; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet6: all; netlink (only TCP and UDP sockets are walked by BPF)
  udp inet: all; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: all; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  dccp inet: listening; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet: connections and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: listening; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: connections and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet: all; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet6: all; netlink (only TCP and UDP sockets are walked by BPF)
  vsock: all; netlink (only TCP and UDP sockets are walked by BPF)
  xdp: all; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet: all; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -l
  netlink: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  packet: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  unix: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet6: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  udp inet: closed listening; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: closed listening; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  dccp inet: listening; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: listening; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet6: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  vsock: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  xdp: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -t
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -tn
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -ta
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -tl
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
small$ ss -tul
  udp inet: closed listening; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: closed listening; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
small$ ss -u
  udp inet: established; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: established; netlink (loading a BPF program would take longer: 50 UDP sockets)
small$ ss -ua
  udp inet: all; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: all; netlink (loading a BPF program would take longer: 50 UDP sockets)
small$ ss -4t
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -6ta
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -x
  unix: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -xa
  unix: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -xl
  unix: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -A unix_stream
  unix: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -w -a
  raw inet: all; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet6: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -0
  packet: closed; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -0 -l
  packet: closed listening; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -f netlink
  netlink: closed; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss --vsock -a
  vsock: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss --tipc
  tipc: established closed listening; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss --xdp
  xdp: closed; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -M
  mptcp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -S -a
  sctp inet: all; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet6: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -d
  dccp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -A all,!tcp,!udp
  unix: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  vsock: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -f inet
  raw inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  udp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  dccp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
# Only when they are named; ping sockets have no sock_diag.
small$ ss -aA udplite,icmp
  udplite inet: all; netlink (only TCP and UDP sockets are walked by BPF)
  udplite inet6: all; netlink (only TCP and UDP sockets are walked by BPF)
  icmp inet: all; proc (sock_diag does not know them)
  icmp inet6: all; proc (sock_diag does not know them)
small$ ss -6A icmp
  icmp inet6: connected and bound-inactive; proc (sock_diag does not know them)
