# Which families have to be listed at all.
src 127.0.0.1;families;inet inet6
src [::1];families;inet6
src four;families;inet inet6
sport = 22;families;inet inet6
sport > 22;families;inet inet6
sport != 22;families;inet inet6 unix packet netlink vsock xdp
not sport > 22;families;inet inet6 unix packet netlink vsock xdp
not src 127.0.0.1;families;inet inet6 unix packet netlink vsock xdp
not ( src 127.0.0.1 or dev lo );families;inet inet6 unix packet netlink vsock xdp
not src 127.0.0.1 and sport = 22;families;inet inet6
dev lo;families;inet inet6 unix packet netlink vsock xdp
dev lo and sport = 22;families;inet inet6
dev lo or sport = 22;families;inet inet6 unix packet netlink vsock xdp
fwmark 5;families;inet inet6
fwmark != 5;families;inet inet6
not ( fwmark 5 and sport = 1 );families;inet inet6 unix packet netlink vsock xdp
cgroup /a;families;inet inet6
cgroup != /a;families;inet inet6
autobound;families;inet inet6 unix packet netlink vsock
src inet:*;families;inet
src inet6:*;families;inet6
not src inet:*;families;inet
src inet:1.2.3.4 or src inet6:[::1];families;inet inet6
src unix:*;families;unix
src != unix:*;families;unix
src unix:* or src inet:*;families;inet unix
src unix:* and src inet:*;families;
src link:*;families;packet
src netlink:*;families;netlink
src vsock:3;families;vsock
src inet:* or dev lo;families;inet
sport = 22 or src unix:x;families;inet inet6 unix
sport = 22 or src inet:1.2.3.4;families;inet
env inet
sport = 22;families;inet
sport != 22;families;inet
dev lo;families;inet inet6 unix packet netlink vsock xdp
env inet6
src [::1];families;inet6
env unix
src x;families;unix
env unix +inet
src 22;families;inet inet6
src x;families;unix
src 22 or src x;families;inet inet6 unix
env plain
# Which families operands name.
sport = 22;named;
dev lo or sport = 22;named;
src inet6:[::1];named;inet6
src unix:x or src inet:*;named;inet unix
sport = 22 or src unix:x;named;inet inet6 unix
env inet
dev lo;named;
sport = 22;named;inet
src inet6:*;named;inet6
