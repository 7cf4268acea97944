# What only counts needs no rows, where a BPF program can count by what is asked for.

machine small: kernel 6.12, tcp 200, inuse 180, udp 50, host 900, bpf
machine large: kernel 6.12, tcp 250000, udp 60000, host 250000, bpf

small$ ss -4ta --by=state
  mode: retain
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
large$ ss -4ta --by=state
  mode: retain
  tcp inet: listening; netlink (listening sockets are found at once: 250000 TCP sockets)
  tcp inet: bound-inactive; bpf counts (no row is needed: 250000 TCP sockets)
  tcp inet: connections; bpf counts (no row is needed: 250000 TCP sockets)
large$ ss -4ta --by=peer.addr
  mode: retain
  tcp inet: listening; netlink (listening sockets are found at once: 250000 TCP sockets)
  tcp inet: bound-inactive; bpf counts (no row is needed: 250000 TCP sockets)
  tcp inet: connections; bpf counts (no row is needed: 250000 TCP sockets)
large$ ss -4ta --by=state --columns=sum(recvq)
  mode: retain
  tcp inet: listening; netlink (listening sockets are found at once: 250000 TCP sockets)
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connections; bpf (it pays: 250000 TCP sockets)
large$ ss -4ta --by=user
  mode: retain
  tcp inet: listening; netlink (listening sockets are found at once: 250000 TCP sockets)
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connections; bpf (it pays: 250000 TCP sockets)
large$ ss -4ta --by=state sport = 22
  mode: retain
  tcp inet: listening, filtered there; netlink (listening sockets are found at once: 250000 TCP sockets)
  tcp inet: bound-inactive, filtered there; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connections, filtered there; netlink (the kernel runs the filter: 250000 TCP sockets)
large$ ss -4ta --by=state tcp.rtt > 1ms
  mode: retain
  tcp inet: listening, with info, filtered here; netlink (listening sockets are found at once: 250000 TCP sockets)
  tcp inet: bound-inactive, with info, filtered here; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connections, with info, filtered here; bpf (it pays: 250000 TCP sockets)
large$ ss -4u --by=state
  mode: retain
  udp inet: connected and bound-inactive; bpf (it pays: 60000 UDP sockets)
small$ ss -4ta --by=state --source=bpf
  mode: retain
  tcp inet: listening; bpf (asked for)
  tcp inet: bound-inactive; bpf counts (no row is needed: 200 TCP sockets)
  tcp inet: connections; bpf counts (no row is needed: 200 TCP sockets)
large$ ss -4ta --by=state --source=netlink
  mode: retain
  tcp inet: listening; netlink (asked for)
  tcp inet: connections; netlink (asked for)
  note: sockets that are bound but neither listen nor connect are left out: with 250000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
large$ ss -4t --sort=local.port
  mode: retain
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connected; bpf (it pays: 250000 TCP sockets)
small$ ss --summary=full
  owners: yes (proc: few files are open, or BPF may not be used)
  mptcp inet: all, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: all, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  netlink: all; netlink (only TCP and UDP sockets are walked by BPF)
  packet: all; netlink (only TCP and UDP sockets are walked by BPF)
  unix: all; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet: all, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  raw inet6: all, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  udp inet: all, with info skmeminfo; netlink (loading a BPF program would take longer: 50 UDP sockets)
  udp inet6: all, with info skmeminfo; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: listening, with info skmeminfo; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive, with info skmeminfo; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: listening, with info skmeminfo; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive, with info skmeminfo; netlink (loading a BPF program would take longer: 200 TCP sockets)
  dccp inet: listening, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet: connections and bound-inactive, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: listening, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  dccp inet6: connections and bound-inactive, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet: all, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  sctp inet6: all, with info skmeminfo; netlink (only TCP and UDP sockets are walked by BPF)
  vsock: all; netlink (only TCP and UDP sockets are walked by BPF)
  xdp: all; netlink (only TCP and UDP sockets are walked by BPF)
# MPTCP connections first, so that their subflows are known when they come; where each is a line, in the old order.
small$ ss -tM4 --by=netid
  mode: retain
  mptcp inet: connected and bound-inactive, with info; netlink (only TCP and UDP sockets are walked by BPF)
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -tM4 --csv
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  mptcp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
