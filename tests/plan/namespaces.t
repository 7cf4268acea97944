# Several network namespaces: where they share home's table of connections, one walk answers for all of them.

machine few: kernel 6.12, tcp 40, udp 5, host 70, bpf
  namespace host: tcp 40
  namespace blue: tcp 20, shares
  namespace red: tcp 10
machine many: kernel 6.12, tcp 150000, udp 25000, host 190000, bpf
  namespace host: tcp 100000
  namespace blue: tcp 50000, shares
  namespace own: tcp 40000
  namespace empty: tcp 0, shares
machine alone: kernel 6.12, tcp 40, host 40, bpf

few$ ss -4t --all-netns
  network namespaces: 3 (2 with sockets in the same TCP table)
  host tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 60 TCP sockets)
  blue tcp inet: connected and bound-inactive; netlink (another network namespace)
  red tcp inet: connected and bound-inactive; netlink (another network namespace)
few$ ss -4ta --all-netns
  network namespaces: 3 (2 with sockets in the same TCP table)
  host tcp inet: listening; netlink (listening sockets are found at once: 60 TCP sockets)
  host tcp inet: connections and bound-inactive; netlink (loading a BPF program would take longer: 60 TCP sockets)
  blue tcp inet: listening; netlink (another network namespace)
  blue tcp inet: connections and bound-inactive; netlink (another network namespace)
  red tcp inet: listening; netlink (another network namespace)
  red tcp inet: connections and bound-inactive; netlink (another network namespace)
few$ ss -u --all-netns
  network namespaces: 3 (2 with sockets in the same TCP table)
  host udp inet: established; netlink (loading a BPF program would take longer: 5 UDP sockets)
  host udp inet6: established; netlink (loading a BPF program would take longer: 5 UDP sockets)
  blue udp inet: established; netlink (another network namespace)
  blue udp inet6: established; netlink (another network namespace)
  red udp inet: established; netlink (another network namespace)
  red udp inet6: established; netlink (another network namespace)
few$ ss -x --all-netns
  network namespaces: 3 (2 with sockets in the same TCP table)
  host unix: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  blue unix: connected and bound-inactive; netlink (another network namespace)
  red unix: connected and bound-inactive; netlink (another network namespace)
many$ ss -4t --all-netns
  network namespaces: 4 (2 with sockets in the same TCP table)
  host tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 150000 TCP sockets)
  host tcp inet: connected; bpf (it pays: 150000 TCP sockets)
  own tcp inet: connected; netlink (another network namespace)
many$ ss -4ta --all-netns
  network namespaces: 4 (2 with sockets in the same TCP table)
  host tcp inet: listening; netlink (listening sockets are found at once: 150000 TCP sockets)
  host tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 150000 TCP sockets)
  host tcp inet: connections; bpf (it pays: 150000 TCP sockets)
  blue tcp inet: listening; netlink (another network namespace)
  own tcp inet: listening; netlink (another network namespace)
  own tcp inet: connections; netlink (another network namespace)
many$ ss -4u --all-netns
  network namespaces: 4 (2 with sockets in the same TCP table)
  host udp inet: connected and bound-inactive; bpf (it pays: 25000 UDP sockets)
many$ ss -tl --all-netns
  network namespaces: 4 (2 with sockets in the same TCP table)
  host tcp inet: listening; netlink (listening sockets are found at once: 150000 TCP sockets)
  host tcp inet6: listening; netlink (listening sockets are found at once: 150000 TCP sockets)
  blue tcp inet: listening; netlink (another network namespace)
  blue tcp inet6: listening; netlink (another network namespace)
  own tcp inet: listening; netlink (another network namespace)
  own tcp inet6: listening; netlink (another network namespace)
many$ ss -4t --all-netns --source=netlink
  network namespaces: 4 (2 with sockets in the same TCP table)
  host tcp inet: connected; netlink (asked for)
  blue tcp inet: connected; netlink (another network namespace)
  own tcp inet: connected; netlink (another network namespace)
  note: sockets that are bound but neither listen nor connect are left out: with 150000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
many$ ss -4t --all-netns --source=bpf
  network namespaces: 4 (2 with sockets in the same TCP table)
  host tcp inet: bound-inactive; bpf (asked for)
  host tcp inet: connected; bpf (asked for)
  own tcp inet: connected; netlink (another network namespace)
many$ ss -4ta --all-netns --by=state
  network namespaces: 4 (2 with sockets in the same TCP table)
  mode: retain
  host tcp inet: listening; netlink (listening sockets are found at once: 150000 TCP sockets)
  host tcp inet: bound-inactive; bpf counts (no row is needed: 150000 TCP sockets)
  host tcp inet: connections; bpf counts (no row is needed: 150000 TCP sockets)
  blue tcp inet: listening; netlink (another network namespace)
  own tcp inet: listening; netlink (another network namespace)
  own tcp inet: connections; netlink (another network namespace)
many$ ss -4t --all-netns sport = 22
  network namespaces: 4 (2 with sockets in the same TCP table)
  host tcp inet: bound-inactive, filtered there; bpf (sock_diag would hold up new connections: 150000 TCP sockets)
  host tcp inet: connected, filtered there; netlink (the kernel runs the filter: 150000 TCP sockets)
  blue tcp inet: connected, filtered there; netlink (another network namespace)
  own tcp inet: connected, filtered there; netlink (another network namespace)
# A machine of which that is not known, and what is about one namespace.
alone$ ss -4t --all-netns
  note: the example has no namespaces
  status 1
few$ ss -4t --all-netns -K
  note: -K and --all-netns do not go together: -K destroys sockets of one network namespace as the kernel lists them, each when it is met; name it with -N
  said: Try 'ss --help'.
  status 2
few$ ss -4t --all-netns -p
  network namespaces: 3 (2 with sockets in the same TCP table)
  owners: yes (proc: few files are open, or BPF may not be used)
  host tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 60 TCP sockets)
  blue tcp inet: connected and bound-inactive; netlink (another network namespace)
  red tcp inet: connected and bound-inactive; netlink (another network namespace)
# In all namespaces before the first TCP socket, which one answer may bring for all.
many$ ss -4tM --all-netns --by=netns
  network namespaces: 4 (2 with sockets in the same TCP table)
  mode: retain
  host mptcp inet: connected and bound-inactive, with info; netlink (only TCP and UDP sockets are walked by BPF)
  blue mptcp inet: connected and bound-inactive, with info; netlink (another network namespace)
  own mptcp inet: connected and bound-inactive, with info; netlink (another network namespace)
  empty mptcp inet: connected and bound-inactive, with info; netlink (another network namespace)
  host tcp inet: bound-inactive; bpf counts (no row is needed: 150000 TCP sockets)
  host tcp inet: connected; bpf counts (no row is needed: 150000 TCP sockets)
  own tcp inet: connected; netlink (another network namespace)
