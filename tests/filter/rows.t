# Which of the samples match. A term about what a family does not have is false there.
src *;rows;ssh est far lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
dst any;rows;ssh est far lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
src *:*;rows;ssh est far lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
not src *;rows;
src inet:*;rows;ssh est far lo53
sport = *;rows;ssh est far lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
sport >= *;rows;ssh est far lo53 six six9 any6 map
sport < *;rows;
sport != *;rows;
src 127.0.0.1;rows;est map
src 127/8;rows;est lo53 map
src 127.0.0.53/26;rows;est lo53 map
src 127.0.0.53/31;rows;lo53
src 0.0.0.0;rows;ssh
src 0.0.0.0/0;rows;ssh est far lo53 map
src 0.0.0.0/1;rows;ssh est far lo53 map
src 128.0.0.0/1;rows;
dst 192.168.1.0/24;rows;far
dst 10.0.0.9;rows;map
src [::]/0;rows;six six9 any6 map
src [::]/96;rows;six six9 any6
src ::/80;rows;six six9 any6 map
src ::/81;rows;six six9 any6
src [::ffff:127.0.0.1];rows;map
src [::ffff:0:0]/96;rows;map
src ::1;rows;six
src ::;rows;any6
src ::1/127;rows;six any6
dst fe80::/10;rows;six9
dst fe80::/10:80;rows;six9
dst fe80::/10:81;rows;
src two;rows;far six9
src != two;rows;ssh est lo53 six any6 map path abs auto none n22 pall plo p0 nlk nlp nla
src four;rows;far
not src 127.0.0.1;rows;ssh far lo53 six six9 any6 path abs auto none n22 pall plo p0 nlk nlp nla
src != 127.0.0.1;rows;ssh far lo53 six six9 any6 path abs auto none n22 pall plo p0 nlk nlp nla
# ports
sport = 22;rows;ssh
sport = 80;rows;any6 map
dport = 22;rows;est
sport != 22;rows;est far lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
sport > 40000;rows;far six9
sport >= 40000;rows;est far six9
sport < 53;rows;ssh
sport <= 53;rows;ssh lo53
not sport > 53;rows;ssh lo53 path abs auto none n22 pall plo p0 nlk nlp nla
sport < 70000;rows;ssh est far lo53 six six9 any6 map
sport > 70000;rows;
sport = 70000;rows;
sport = 65535;rows;far
sport > 65534;rows;far
sport > -5;rows;ssh est far lo53 six six9 any6 map
dport = 0;rows;ssh lo53 any6
dport >= 1;rows;est far six six9 map
sport = 80 or dport = 22;rows;est any6 map
sport = 80 and dport = 40002;rows;map
sport = 80 or sport = 22 and dport = 0;rows;ssh any6
sport = 22 or sport = 80 and dport = 0;rows;ssh any6
sport = 80 or ( sport = 22 and dport = 22 );rows;any6 map
# a family's name narrows what is listed, also when negated
src inet:127.0.0.1;rows;est
src inet:*;rows;ssh est far lo53
src inet6:*;rows;six six9 any6 map
not src inet:127.0.0.1;rows;ssh far lo53
not src inet6:[::1];rows;six9 any6 map
src inet:127.0.0.1 or src inet6:[::1];rows;est six
src inet:127.0.0.1 or src unix:/tmp*;rows;est path
src unix:/tmp* or src inet:127.0.0.1;rows;est path
not src inet:127.0.0.1 and not src unix:*;rows;ssh far lo53
src inet:127.0.0.1 or dev 2;rows;est far
sport = 22 or src unix:22;rows;ssh n22
sport = 22 or src inet6:[::1];rows;six
# unix
src unix:*;rows;path abs auto none n22
src unix:;rows;none
src unix:/TMP/u.*;rows;path
src unix:/tmp/?.sock;rows;path
src unix:/tmp/[t-v].sock;rows;path
src unix:/tmp/[!t-v].sock;rows;
src unix:*sock;rows;path
src unix:@abs@name;rows;abs
src unix:@*;rows;abs auto
src unix:abs*;rows;
src unix:22;rows;n22
sport = unix:22;rows;n22
src != unix:@*;rows;path none n22
dst unix:*;rows;path abs auto none n22
dst unix:/tmp*;rows;
dst unix:;rows;path abs auto none n22
# packet
src link:*;rows;pall plo p0
src link:all;rows;pall
src link:3;rows;pall
src link:0;rows;p0
src link:ip;rows;plo
src link:ip:lo;rows;plo
src link:ip:eth0;rows;
src link::lo;rows;plo
sport = link:lo;rows;plo
sport = link:0;rows;pall p0
sport >= link:1;rows;plo
sport < link:1;rows;pall p0
src != link:ip;rows;pall p0
dst link:0;rows;pall plo p0
dst link:ip;rows;
# netlink
src netlink:*;rows;nlk nlp nla
src netlink:rtnl;rows;nlk
src netlink:16:777;rows;nlp
src netlink::kernel;rows;nlk
sport = netlink:777;rows;nlp
sport > netlink:0;rows;nlp nla
sport >= netlink:0;rows;nlk nlp nla
sport > netlink:777;rows;nla
src netlink:4:2650800128;rows;nla
src netlink:4:-1644167168;rows;nla
dst netlink:3:22;rows;nla
dst netlink:*:22;rows;nla
dport = netlink:0;rows;
dst netlink:0;rows;nlk nlp
dst netlink:3;rows;nla
# devices: what is not bound is bound to 0
dev lo;rows;lo53 plo
dev eth0;rows;far
dev 0;rows;ssh est six six9 any6 map path abs auto none n22 pall p0 nlk nlp nla
dev != 0;rows;far lo53 plo
dev lo or dev eth0;rows;far lo53 plo
# marks: not told is not zero
fwmark 0;rows;ssh six any6
fwmark 5;rows;est
fwmark 1/3;rows;est six9
fwmark 7/7;rows;lo53
fwmark 1/1;rows;est lo53 six9
fwmark 4/5;rows;
fwmark 0/0;rows;ssh est lo53 six six9 any6
fwmark != 0;rows;est lo53 six9
not fwmark 5;rows;ssh lo53 six six9 any6
not ( fwmark 5 or sport = 80 );rows;ssh lo53 six six9
fwmark 5 or sport = 80;rows;est any6 map
not not fwmark 5;rows;est
# cgroups
cgroup /a;rows;ssh
cgroup /a\ b;rows;est
cgroup != /a;rows;est
not cgroup /a;rows;est
not ( cgroup /a or sport = 80 );rows;est
cgroup /a or sport = 80;rows;ssh any6 map
# autobound, by the range of ports alone where the kernel cannot say
autobound;rows;est six9 auto none p0 nla
not autobound;rows;ssh far lo53 six any6 map path abs n22 pall plo nlk nlp
autobound and src inet:*;rows;est
env push
# the kernel decides about ports in the range: what it let through matches either way
autobound and src *;rows;est six9 auto none p0 nla
not autobound and src *;rows;ssh est far lo53 six six9 any6 map path abs n22 pall plo nlk nlp
# but not where it does not decide the rest
env pushauto
not autobound and src * or fwmark 99;rows;ssh far lo53 six any6 map path abs n22 pall plo nlk nlp
not autobound and src * and fwmark 0/0;rows;ssh lo53 six any6
not autobound and src *;rows;ssh est far lo53 six six9 any6 map path abs n22 pall plo nlk nlp
env push unfiltered
# the rows did not pass the program
not autobound and src *;rows;ssh far lo53 six any6 map path abs n22 pall plo nlk nlp
autobound and src *;rows;est six9 auto none p0 nla
env inet
src *;rows;ssh est far lo53
sport = 80;rows;
not sport = 22;rows;est far lo53
env inet6
sport = 80;rows;any6 map
src != ::1;rows;six9 any6 map
# whichever comes first
sport = 22 and src inet:0.0.0.0;rows;ssh
src inet:0.0.0.0 and sport = 22;rows;ssh
src * and src inet:127.0.0.1;rows;est
src [::1] or src inet:127.0.0.1;rows;est six
env unix
src 22;rows;n22
src *;rows;path abs auto none n22
sport != 22;rows;path abs auto none
autobound;rows;est six9 auto none p0 nla
env unix +inet
sport = 22;rows;ssh
src 127.0.0.1;rows;est map
src /tmp/*;rows;path
src unix:22;rows;n22
env packet
src ip;rows;plo
sport = lo;rows;plo
env netlink
sport = 777;rows;nlp
sport = kernel;rows;nlk
# the queue of a listener is one of connections: it has no bytes, and what is no listener no connections
has accept.queue;rows;ssh
accept.limit = 0;rows;ssh
accept.fill < 1;rows;ssh
accept.fill > 0;rows;
not accept.fill > 0;rows;ssh
has recvq;rows;est far lo53 six six9 map
recvq = 0;rows;est far lo53 six six9 map
sendq < 1;rows;est far lo53 six six9 map
not recvq > 0;rows;est far lo53 six six9 map
# Two fields of the same socket. Where one is absent nothing is known.
recvq >= sendq;rows;est far lo53 six six9 map
recvq > sendq;rows;
not recvq > sendq;rows;est far lo53 six six9 map
recvq != sendq;rows;
local.port > local.port;rows;
accept.queue <= accept.limit;rows;ssh
