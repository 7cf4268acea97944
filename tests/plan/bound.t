# Sockets that are bound and neither listen nor connect: the kernel looks for them under locks that new
# connections wait for, so they are asked for with the connections, apart, by BPF, or not at all.

machine small: kernel 6.12, tcp 200, inuse 180, udp 50, host 900, bpf
machine busy: kernel 6.12, tcp 30000, host 30000
machine busybpf: kernel 6.12, tcp 30000, host 30000, bpf
machine crowded: kernel 6.12, tcp 200, host 150000
machine crowdedbpf: kernel 6.12, tcp 200, host 150000, bpf
machine waiting: kernel 6.12, tcp 25000, inuse 500, host 25000
machine old: kernel 6.1, tcp 30000, host 30000
machine unknown: tcp unknown

# Few sockets: one question for both.
small$ ss -4ta
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
# Many, and no BPF: left out, and told so.
busy$ ss -4ta
  tcp inet: listening; netlink (built without BPF programs)
  tcp inet: connections; netlink (built without BPF programs)
  note: sockets that are bound but neither listen nor connect are left out: with 30000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
# Unless they are asked for by name.
busy$ ss -4t state bound-inactive
  tcp inet: bound-inactive; netlink (built without BPF programs)
busy$ ss -4tB
  tcp inet: bound-inactive; netlink (built without BPF programs)
busy$ ss -4ta state = bound-inactive
  tcp inet: bound-inactive, filtered here; netlink (built without BPF programs)
# By BPF nobody waits.
busybpf$ ss -4ta
  tcp inet: listening; netlink (listening sockets are found at once: 30000 TCP sockets)
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 30000 TCP sockets)
  tcp inet: connections; bpf (it pays: 30000 TCP sockets)
busybpf$ ss -4t state bound-inactive
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 30000 TCP sockets)
# Many on the host, few of them here.
crowded$ ss -4ta
  tcp inet: listening; netlink (built without BPF programs)
  tcp inet: connections; netlink (built without BPF programs)
  note: sockets that are bound but neither listen nor connect are left out: to look for them, the kernel would pass, under locks, the 150000 TCP sockets of the whole host ("state bound-inactive" or -B does it all the same)
crowdedbpf$ ss -4ta
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: bound-inactive; bpf (sock_diag would pass the whole host's: 150000 TCP sockets)
  tcp inet: connections; bpf (it pays: 200 TCP sockets)
# Time-wait sockets hold nobody up.
waiting$ ss -4ta
  tcp inet: listening; netlink (built without BPF programs)
  tcp inet: connections and bound-inactive; netlink (built without BPF programs)
# Before Linux 6.8 there were none to list, so that none are left out.
old$ ss -4ta
  tcp inet: listening; netlink (built without BPF programs)
  tcp inet: connections; netlink (built without BPF programs)
unknown$ ss -4ta
  tcp inet: listening; netlink (built without BPF programs)
  tcp inet: connections and bound-inactive; netlink (built without BPF programs)
# What is destroyed on the way is not asked for together.
small$ ss -4t -K --dry-run
  tcp inet: bound-inactive, with info; netlink (sockets are destroyed while they are listed)
  tcp inet: connected, with info; netlink (sockets are destroyed while they are listed)
small$ ss -4t --source=netlink
  tcp inet: connected and bound-inactive; netlink (asked for)
busybpf$ ss -4ta --source=netlink
  tcp inet: listening; netlink (asked for)
  tcp inet: connections; netlink (asked for)
  note: sockets that are bound but neither listen nor connect are left out: with 30000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
