# State words, and what a filter says about states: only those are asked for.

machine small: kernel 6.12, tcp 200, inuse 180, udp 50, host 900, bpf

small$ ss -t state established
  tcp inet: established; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: established; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t state established state time-wait
  tcp inet: established time-wait; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: established time-wait; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t state all exclude listening
  tcp inet: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: connections and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t exclude established
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait close-wait last-ack closing bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait close-wait last-ack closing bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t state bucket
  tcp inet: syn-recv time-wait; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: syn-recv time-wait; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t state synchronized
  tcp inet: established syn-recv fin-wait-1 fin-wait-2 time-wait close-wait last-ack closing bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: established syn-recv fin-wait-1 fin-wait-2 time-wait close-wait last-ack closing bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t state listening
  tcp inet: listening; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 200 TCP sockets)
small$ ss -t state bound-inactive
  tcp inet: bound-inactive; netlink (looking for bound sockets is cheap: 200 TCP sockets)
  tcp inet6: bound-inactive; netlink (looking for bound sockets is cheap: 200 TCP sockets)
small$ ss -B -t
  tcp inet: bound-inactive; netlink (looking for bound sockets is cheap: 200 TCP sockets)
  tcp inet6: bound-inactive; netlink (looking for bound sockets is cheap: 200 TCP sockets)
# A closed TCP socket is in no table.
small$ ss -t state closed
  nothing is asked
# Of tables without states all sockets are closed.
small$ ss -0 state established
  nothing is asked
small$ ss -f netlink state closed
  netlink: closed; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -t state = listening
  tcp inet: listening, filtered here; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: listening, filtered here; netlink (listening sockets are found at once: 200 TCP sockets)
small$ ss -t state = established or state = syn-sent
  tcp inet: established syn-sent, filtered here; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: established syn-sent, filtered here; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -tl state = established
  nothing is asked
small$ ss state frobnicating
  note: wrong state name: frobnicating; use all, connected, synchronized, bucket, big, established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait, closed, close-wait, last-ack, listening, closing, bound-inactive
  status 255
