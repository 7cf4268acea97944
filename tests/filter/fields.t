# Terms about fields of the registry. Absent, a value is unknown: neither the term nor its negation holds.
tcp.rtt > 1ms;rows;est far
tcp.rtt>1ms;rows;est far
tcp.rtt >1.5ms;rows;far
tcp.rtt>= 1.5ms;rows;est far
tcp.rtt < 1s;rows;est far
not tcp.rtt < 1s;rows;
not tcp.rtt > 1ms;rows;
not tcp.rtt > 1.5ms;rows;est
tcp.rtt = 1500;rows;est
tcp.rtt != 1500us;rows;far
tcp.rtt in 1-2ms;rows;est
tcp.rtt in 1ms-2ms;rows;est
tcp.rtt in {1500, 250ms};rows;est far
tcp.rtt in {1-2,240ms-0.25s};rows;far
has tcp.rtt;rows;est far
not has tcp.rtt;rows;ssh lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
# there, but unlimited; and not sent by that kernel
has tcp.ssthresh;rows;est
tcp.ssthresh > 0;rows;est
not tcp.ssthresh > 0;rows;
has tcp.min_rtt or tcp.min_rtt >= 0 or tcp.min_rtt < 5;rows;
tcp.cong = bbr;rows;far
tcp.cong != bbr;rows;est
tcp.cong ~ "C*";rows;est
tcp.cong !~ c*;rows;far
tcp.cong in {cubic, reno};rows;est
# classic words among them
sport = 22 or tcp.cong = bbr;rows;ssh far
src 10.0.0.9 and tcp.rtt > 1ms;rows;far
not (sport = 65535) and tcp.rtt > 1ms;rows;est
( tcp.rtt > 1ms and !sport 65535 );rows;est
(tcp.rtt>1ms)and(not(sport 65535));syntax;predicate
tcp.rtt>1ms&&tcp.rtt<2ms;rows;est
tcp.rtt>1ms&tcp.rtt<2ms;rows;est
tcp.rtt>200ms|tcp.rtt<2ms;rows;est far
tcp.rtt>200ms||tcp.rtt<2ms;rows;est far
(tcp.rtt>200ms||tcp.rtt<2ms)&&sport 65535;rows;far
!(tcp.rtt>200ms);rows;est
!tcp.rtt>200ms;rows;est
((tcp.rtt>200ms));rows;far
(sport in 1-100);rows;ssh lo53 any6 map
# ports
local.port = 22;rows;ssh
not local.port = 22;rows;est far lo53 six six9 any6 map
local.port != 22;rows;est far lo53 six six9 any6 map
local.port > 40000;rows;far six9
not local.port > 40000;rows;ssh est lo53 six any6 map
local.port < 53;rows;ssh
local.port >= 50000;rows;far six9
local.port > 65535;rows;
not local.port > 65535;rows;ssh est far lo53 six six9 any6 map
local.port < 0;rows;
local.port <= 65535;rows;ssh est far lo53 six six9 any6 map
local.port in {22, 53, 40000-50000};rows;ssh est lo53 six9
not local.port in {22, 53, 40000-50000};rows;far six any6 map
not sport in 22-80;rows;est far six six9
sport in {ssh,53};rows;ssh lo53
peer.port in 22-80;rows;est six9
peer.port in ssh-http;rows;est six9
local.port = http;rows;any6 map
local.port in http-alt;rows;
# addresses
peer = 127.0.0.2;rows;est
peer.addr in 127.0.0.0/8;rows;est
local in 127/8;rows;est lo53 map
not local in 127/8;rows;ssh far six six9 any6
peer in {fe80::/10, 10.0.0.9};rows;six9 map
src in fe80::/10;rows;
dst in fe80::/10;rows;six9
dst in {10.0.0.0/8,[::1]};rows;six map
peer != 0.0.0.0;rows;est far six six9 map
peer = 0.0.0.0;rows;
not dst 0.0.0.0;rows;est far six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
peer in 0.0.0.0/0;rows;est far map
not peer in 0.0.0.0/0;rows;six six9
peer in 0.0.0.0/1;rows;est map
peer in ::/0;rows;six six9 map
local in 0.0.0.0/0;rows;ssh est far lo53 map
peer.port in 0-100;rows;est six9
# what a listener, or a socket that is bound only, does not have is neither it nor not it
has peer.addr;rows;est far six six9 map
not peer in 127.0.0.0/8;rows;far six six9 map
peer.port = 0;rows;
peer.port < 100;rows;est six9
not peer.port < 100;rows;far six map
has timer.code;rows;
timer.expires >= 0;rows;
# a zero that says that there is none
ifindex = 0;rows;
ifindex != 1;rows;far
not has ifindex;rows;ssh est six six9 any6 map path abs auto none n22 pall p0 nlk nlp nla
mark = 0;rows;
mark != 5;rows;lo53 six9
mark = 0/2;rows;est six9
fwmark = 0;rows;ssh six any6
inode = 0;rows;
uid = 0;rows;ssh est
local = ::ffff:127.0.0.1;rows;map
local != ::1;rows;ssh est far lo53 six9 any6 map
# of either side; a side that a socket does not have is no port of its
port = 22;rows;ssh est
port=22;rows;ssh est
port = 22,443;rows;ssh est far
port in {22, 40000-50000};rows;ssh est six six9 map
port != 22;rows;far lo53 six six9 any6 map
not port = 22;rows;far lo53 six six9 any6 map
port != 22,443;rows;lo53 six six9 any6 map
not (port = 22 or port = 53);rows;far six six9 any6 map
port < 23;rows;ssh est
port = ssh;rows;ssh est
has port;rows;ssh est far lo53 six six9 any6 map
not has port;rows;path abs auto none n22 pall plo p0 nlk nlp nla
addr = 127.0.0.1;rows;est map
addr in {127/8, fe80::/10};rows;est lo53 six9 map
addr != 127.0.0.1;rows;ssh far lo53 six six9 any6
addr = 127.0.0.1:22;rows;
addr = 127.0.0.2:22;rows;est
has addr;rows;ssh est far lo53 six six9 any6 map
port = 22;ok;local.port = 22 or peer.port = 22;071014000000000016000000000000000104140008101400000000001600000000000000
port != 22;ok;not ( local.port = 22 or ( peer.port = 22 and has peer.port ) );0710140000000000160000000000000001040800
port in 1-2 and sport = 1;ok;( ( local.port >= 1 and local.port <= 2 ) or ( peer.port >= 1 and peer.port <= 2 ) ) and sport = 1;020814000000010003080c000000020001041400040824000000010005081c000000020007101400000000000100000000000000
port ~ 5;field;     ^ numbers can be
port = nosuch;field;       ^^^^^^ not a port
port;field;    ^ port needs an operator here
# addresses as they are shown
peer = 127.0.0.2:22;rows;est
peer = 127.0.0.2:23;rows;
local in {127.0.0.53:53, [::9]:50000};rows;lo53 six9
local = 127.0.0.53%lo;rows;lo53
local = 127.0.0.53%lo:53;rows;lo53
local = 127.0.0.53%eth0:53;rows;
local = 127.0.0.53:*;rows;lo53
local != 127.0.0.53:53;rows;ssh est far six six9 any6 map
peer = 127.0.0.2:22;ok;peer.addr = 127.0.0.2 and peer.port = 22;0810240002200000ffffffff7f00000208101400000000001600000000000000
peer = [fe80::1]%eth0:80;ok;peer.addr = fe80::1 and iface = eth0 and peer.port = 80;081c30000a800000fffffffffe80000000000000000000000000000108101400000000005000000000000000
peer = fe80::1%eth0;ok;peer.addr = fe80::1 and iface = eth0;081c20000a800000fffffffffe800000000000000000000000000001
peer = [fe80::1%eth0]:80;ok;peer.addr = fe80::1 and iface = eth0 and peer.port = 80;081c30000a800000fffffffffe80000000000000000000000000000108101400000000005000000000000000
peer = 10.0.0.1%nosuch;field;                ^^^^^^ no such interface
peer = 10.0.0.1:nosuch;field;                ^^^^^^ not a port
src 127.0.0.53%lo;rows;lo53
src 127.0.0.53%lo:53;rows;lo53
src = 127.0.0.53%lo:54;rows;
src [fe80::1]%eth0:80;ok;src = [fe80::1]:80 and dev = eth0;071c20000a80000050000000fe800000000000000000000000000001
src != 127.0.0.53%lo;rows;ssh est far six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
src *%lo;rows;lo53 plo
dst fe80::1%eth0;ok;dst = [fe80::1] and dev = eth0;081c20000a800000fffffffffe800000000000000000000000000001
dst = fe80::1%eth0:80,10.0.0.1;ok;( dst = [fe80::1]:80 and dev = eth0 ) or dst = 10.0.0.1;081c20000a80000050000000fe800000000000000000000000000001010414000810140002200000ffffffff0a000001
src 127.0.0.1%nosuch;operand;              ^^^^^^ no such device
src [fe80::1%eth0:80;operand;not an address
# short names
rtt > 1ms;rows;est far
rtt>1ms;rows;est far
pid = 101;rows;est far
fd in 4-9;rows;est far
has cong;rows;est far
rcv_rtt > 0;ok;tcp.rcv_rtt > 0us;-
drops > 0;field;^^^^^ neither a predicate nor a field: say mem.drops or tipc.drops
drops>0;field;^^^^^ neither a predicate nor a field: say mem.drops or tipc.drops
has drops;field;    ^^^^^ no field of this name: say mem.drops or tipc.drops
count > 5;field;^^^^^ neither a predicate nor a field: groups have it
RTT > 5;syntax;not a predicate
# owners
process = nginx;rows;far
process.name = nginx;rows;far
process.name = "a b";rows;est
process.name='a b';rows;est
process.name != nginx;rows;ssh est
process.name != "a b";rows;ssh far
process.name ~ ssh*;rows;ssh est
process.name !~ ssh*;rows;far
process.name in {ssh, nginx};rows;est far
not process.name in {ssh, nginx};rows;ssh
process.pid = 101;rows;est far
process.pid != 101;rows;ssh
process.pid > 100;rows;est far
process.fd in 4-9;rows;est far
process.tid = 1;rows;
not process.tid = 1;rows;
# several between commas, as in braces
process.name in nginx,ssh;rows;est far
process.name in nginx, ssh;rows;est far
process in nginx,ssh,sshd;rows;ssh est far
process.name = nginx,ssh;rows;est far
process.name=nginx,ssh;rows;est far
process.name != nginx,ssh;rows;ssh
(process.name in nginx,ssh) and sport = 65535;rows;far
(process.name in nginx,ssh)&&sport 65535;rows;far
process.name in "a b",nginx;rows;est far
process.name = "nginx,ssh";rows;
process.name = nginx\,ssh;rows;
process.pid = 101,102;rows;est far
tcp.cong in cubic,reno;rows;est
tcp.rtt = 1500,250ms;rows;est far
tcp.rtt in 1-2ms,240ms-0.25s;rows;est far
local.port = 22,53;rows;ssh lo53
sport in 22,53,40000-50000;rows;ssh est lo53 six9
sport in ssh,53;rows;ssh lo53
dev in lo,eth0;rows;far lo53 plo
peer in fe80::/10,10.0.0.9;rows;six9 map
peer = fe80::/10,10.0.0.9;rows;six9 map
peer != fe80::/10,10.0.0.9;rows;est far six
state in time-wait,listening;rows;ssh six9
state = time-wait,listening;rows;ssh six9
state != time-wait,listening;rows;est far lo53 six any6 map path abs auto none n22
family = unix,packet;rows;path abs auto none n22 pall plo p0
user = www-data,nobody;field;                ^^^^^^ no such user
process.name in nginx,;field;                     ^ a value must follow the comma
process.name in nginx, and sport = 1;field;                       ^^^ a value must follow the comma
process.name in nginx,"and";rows;far
process.name in ,nginx;field;                ^^^^^^ process.name needs a value here
process.name in nginx,,ssh;field;                      ^^^^ a value must follow the comma
tcp.rtt = 5,x;field;            ^ not a time
tcp.rtt > 5,6;field;          ^^^ not a time
# a pattern in which nothing is wild fits a part
process.name ~ ngin;rows;far
process.name ~ NGI;rows;far
process.name ~ "a b";rows;est
process.name ~ x;rows;far
process.name ~ sshd;rows;ssh
process.name ~ hd;rows;ssh
process.name !~ ngin;rows;ssh est
process.name ~ ngi?;rows;
process.name ~ *ngi?*;rows;far
process.name ~ [n]gin;rows;
process.name ~ [n]ginx;rows;far
process.name ~ "[ngin";rows;
process.name ~ n\\gin;rows;far
process.name ~ n\\*gin;rows;
process.name ~ "";rows;
process.name ~ nginxx;rows;
tcp.cong ~ ubi;rows;est
tcp.cong !~ b;rows;
unix.name ~ sock;rows;path
unix.name ~ @;rows;abs auto
has process;rows;ssh est far
has process.name;rows;ssh est far
has process.tid;rows;
not has process;rows;lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
# what the kernel may be asked for
env push
mark = 5;rows;est
mark != 5;rows;lo53 six9
mark > 4;rows;est lo53
mark = 1/1;rows;est lo53 six9
mark != 1/1;rows;
mark in {0,7};rows;lo53
has mark;rows;est lo53 six9
not has mark;rows;ssh far six any6 map path abs auto none n22 pall plo p0 nlk nlp nla
cgroup_id = 7001;rows;ssh
cgroup_id != 7001;rows;est
cgroup_id in {7001,/a};rows;ssh
cgroup_id != "/a b";rows;ssh
ifindex = 2;rows;far
ifindex != 2;rows;lo53 plo
ifindex > 0;rows;far lo53 plo
iface = eth0;rows;far
iface != eth0;rows;lo53 plo
iface = 1;rows;lo53 plo
iface in {lo,eth0};rows;far lo53 plo
dev in {lo,eth0};rows;far lo53 plo
iface = nosuch;field;       ^^^^^^ no such interface
env plain
user = www-data;rows;far lo53
user = 33;rows;far lo53
user != www-data;rows;ssh est
user in 1-100;rows;far lo53
user = root;rows;ssh est
uid = root;rows;ssh est
uid = 0x21;rows;far lo53
uid != 0;rows;far lo53
user = nobody;field;       ^^^^^^ no such user
# states: of a socket that is closed as UDP has it, and as TCP has it
state = listening;rows;ssh
state = LISTEN;rows;ssh
state = listen,TIME_WAIT;rows;ssh six9
state = timewait;rows;six9
state in {Time-Wait, unconn};rows;lo53 six9 any6
state != listening;rows;est far lo53 six six9 any6 map path abs auto none n22
state = closed;rows;lo53 any6
state = bound-inactive;rows;any6
state in {time-wait, listening};rows;ssh six9
state in connected;rows;est far six six9 any6 map path abs auto none n22
state = all;rows;ssh est far lo53 six six9 any6 map path abs auto none n22
state = listening;states;listening
state = listening and sport = 22;states;listening
sport = 22 and not state in {connected, closed};states;listening
state = listening or sport = 22;states;unknown established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listening closing bound-inactive
state = listening or state = time-wait;states;time-wait listening
state = closed;states;closed bound-inactive
state != closed;states;unknown established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait close-wait last-ack listening closing
state != bound-inactive;states;unknown established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listening closing
state = listening and state = time-wait;states;
sport = 22;states;unknown established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listening closing bound-inactive
# families
tcp.rtt > 1ms;families;inet inet6
unix.name ~ *sock;families;unix
unix.name ~ *sock or tcp.rtt > 1ms;families;inet inet6 unix
not unix.name ~ *sock;families;unix
not has unix.name;families;inet inet6 unix packet netlink vsock xdp
has unix.name;families;unix
ifindex = 1;families;inet inet6 packet xdp
process = x;families;inet inet6 unix packet netlink vsock xdp
netid = tcp;families;inet inet6 unix packet netlink vsock xdp
cgroup ~ *x;families;inet inet6
family = inet;rows;ssh est far lo53
family in {unix,packet};rows;path abs auto none n22 pall plo p0
family != inet6;rows;ssh est far lo53 path abs auto none n22 pall plo p0 nlk nlp nla
unix.name = /tmp/U.sock;rows;path
unix.name = "@abs@name";rows;abs
unix.name ~ @*;rows;abs auto
unix.name != 22;rows;path abs auto
netlink.protocol = genl;rows;nlp
packet.proto = all;rows;pall
# the canonical form
tcp.rtt>100ms;ok;tcp.rtt > 100000us;-
tcp.rtt > 0.0015ms;ok;tcp.rtt >= 2us;-
tcp.rtt < 0.0015ms;ok;tcp.rtt <= 1us;-
tcp.rtt = 0.0015ms;ok;tcp.rtt < 0us;-
tcp.rtt < 0;ok;tcp.rtt < 0us;-
tcp.rtt gt 1;ok;tcp.rtt > 1us;-
tcp.rtt in 1-2m;ok;tcp.rtt in 60000000us-120000000us;-
tcp.rtt in {1,2h};ok;tcp.rtt = 1us or tcp.rtt = 7200000000us;-
not tcp.rtt in {1,2};ok;not ( tcp.rtt = 1us or tcp.rtt = 2us );-
tcp.rtt != 3;ok;not tcp.rtt = 3us;-
timer.expires > 1.5s;ok;timer.expires > 1500ms;-
timer.expires >= 1us;ok;timer.expires >= 1ms;-
recvq > 64K;ok;recvq > 65536;-
recvq>=sendq;ok;recvq >= sendq;-
rtt lt min_rtt;ok;tcp.rtt < tcp.min_rtt;-
rtt < timer.expires;ok;tcp.rtt < timer.expires;-
recvq != sendq;ok;not recvq = sendq;-
recvq > rtt;field;        ^^^ another kind of number
recvq > mem.*;field;        ^^^^^ not a size
recvq > 64KiB;ok;recvq > 65536;-
recvq > 64kB;ok;recvq > 64000;-
recvq > 1.5M;ok;recvq > 1572864;-
tcp.pacing_rate > 100Mbit;ok;tcp.pacing_rate > 12500000;-
tcp.pacing_rate > 100Mbps;ok;tcp.pacing_rate > 12500000;-
tcp.pacing_rate > 10MB/s;ok;tcp.pacing_rate > 10000000;-
tcp.pacing_rate > 12bit;ok;tcp.pacing_rate >= 2;-
accept.fill > 0.8;ok;accept.fill > 0.8;-
accept.fill >= 80%;ok;accept.fill >= 0.8;-
accept.fill > 133.25%;ok;accept.fill > 1.3325;-
accept.fill < 1;ok;accept.fill < 1;-
accept.fill = 0;ok;accept.fill = 0;-
accept.fill in 50-125%;ok;accept.fill in 0.5-1.25;-
accept.fill in {0.000000001, 3};ok;accept.fill = 0.000000001 or accept.fill = 3;-
not accept.fill > 1.50;ok;not accept.fill > 1.5;-
cookie = sk:1f;ok;cookie = 0x1f;-
cookie = 0xffffffffffffffff;ok;cookie = 0xffffffffffffffff;-
cookie > 0xffffffffffffffff;ok;cookie < 0x0;-
proc.ssthresh = -1;ok;proc.ssthresh = -1;-
proc.ssthresh < -9223372036854775808;field;not a number
proc.ssthresh in -5--1;ok;proc.ssthresh in -5--1;-
tcp.options = 0x7;ok;tcp.options = 0x7;-
local.port in 8000-8999;ok;local.port >= 8000 and local.port <= 8999;020814000000401f03080c0000002723
sport in 8000-8999;ok;local.port >= 8000 and local.port <= 8999;020814000000401f03080c0000002723
local.port = 22;ok;local.port = 22;07101400000000001600000000000000
not local.port = 22;ok;local.port != 22;0710140000000000160000000000000001040800
local.port in {22,23};ok;local.port = 22 or local.port = 23;071014000000000016000000000000000104140007101400000000001700000000000000
local.port > 1023;ok;local.port >= 1024;02080c0000000004
local.port < 1024;ok;local.port <= 1023;03080c000000ff03
local.port > 65535;ok;local.port < 0;01040800
state = listening;ok;state = listening;-
state in connected;ok;state in {unknown, established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait, close-wait, last-ack, closing, bound-inactive};-
state != all;ok;not state = all;-
process = "a b";ok;process.name = "a b";-
process != 'it"s';ok;process.name != "it\"s";-
process ~ a\*;ok;process.name ~ a*;-
process = and;ok;process.name = and;-
process=dev;ok;process.name = dev;-
process = "";ok;process.name = "";-
process in {"a,b",c};ok;process.name = "a,b" or process.name = c;-
process in nginx,ssh;ok;process.name = nginx or process.name = ssh;-
process in "a,b",c;ok;process.name = "a,b" or process.name = c;-
process != nginx,ssh;ok;not ( process.name = nginx or process.name = ssh );-
process ~ ngin;ok;process.name ~ ngin;-
local.port = 22,23;ok;local.port = 22 or local.port = 23;071014000000000016000000000000000104140007101400000000001700000000000000
cgroup in {/a};ok;cgroup in {/a};-
not cgroup in {/a, "b c"};ok;not ( cgroup in {/a} or cgroup in {"b c"} );-
not cgroup in {/a};ok;not cgroup in {/a};-
cgroup ~ */a;ok;cgroup ~ */a;-
has sport;ok;has local.port;-
! has peer;ok;not has peer.addr;-
unix.name = x or sport = 22;ok;unix.name = x or sport = 22;07101400000000001600000000000000
not unix.name = x or sport = 22;ok;unix.name != x or sport = 22;07101400000000001600000000000000
tcp.rtt > 5 and sport = 22;ok;tcp.rtt > 5us and sport = 22;07101400000000001600000000000000
env push
cgroup_id = 7001;ok;cgroup_id = 7001;0d0c1000591b000000000000
ifindex = 2;ok;ifindex = 2;09080c0002000000
iface = eth0;ok;iface = eth0;09080c0002000000
iface != eth0;ok;not iface = eth0;09080c000200000001040800
env plain
# classic forms stay what they are
sport in;operand;      ^^ not a port
cgroup = /a;ok;cgroup = /a;-
dev lo;ok;dev = lo;-
sport in ssh;syntax;
# what is wrong is said, under the place
tcp.rt > 5ms;field;^^^^^^ neither a predicate nor a field: did you mean tcp.rtt?
tcp.rt>5ms;field;^^^^^^ neither a predicate nor a field: did you mean tcp.rtt?
tcp.cwdn = 1;field;^^^^^^^^ neither a predicate nor a field: did you mean tcp.cwnd?
sport = 1 and prcess = x;field;              ^^^^^^ neither a predicate nor a field: did you mean process?
has nothing.at.all;field;    ^^^^^^^^^^^^^^ no field of this name
has;field;   ^ has needs the name of a field here
has 5;field;    ^ has needs the name of a field here
tcp.rtt;field;       ^ tcp.rtt needs an operator here: =, !=, <, <=, >, >=, ~, !~ or in; or write has tcp.rtt
tcp.rtt and sport 1;field;        ^^^ tcp.rtt needs an operator here
tcp.rtt >;field;         ^ tcp.rtt needs a value here
tcp.rtt > ) ;field;          ^ tcp.rtt needs a value here
tcp.rtt > 100x;field;          ^^^^ not a time: use us, ms, s, m, h or d
tcp.rtt > fast;field;          ^^^^ not a time: use us, ms, s, m, h or d
tcp.rtt > 1.5;field;          ^^^ not a time
tcp.rtt > -5;field;          ^^ not a time
tcp.rtt > 99999999999999999999;field;          ^^^^^^^^^^^^^^^^^^^^ the number is too large
tcp.rtt > 99999999999h;field;the number is too large
recvq > 5ms;field;        ^^^ not a size
tcp.pacing_rate > 5ms;field;not a rate
accept.fill > 5ms;field;              ^^^ not a share: use a number like 0.8, or 80%
accept.fill > 0x1;field;              ^^^ not a share
accept.fill > -1;field;              ^^ not a share
accept.fill ~ 5;field;            ^ numbers can be =, !=, <, <=, >, >= or in
tcp.cwnd > 5K;field;           ^^ not a number
tcp.cwnd ~ 5;field;         ^ numbers can be =, !=, <, <=, >, >= or in
tcp.cong > a;field;         ^ text can be =, !=, ~, !~ or in
peer > 10.0.0.1;field;     ^ addresses can be =, != or in
peer = localhost;field;       ^^^^^^^^^ not an address: use figures
peer = 10.0.0.0/33;field;       ^^^^^^^^^^^ not an address
state < 5;field;      ^ states can be =, != or in
state = open;field;        ^^^^ not a state
family = ip;field;         ^^ not a family
tls.no_pad_rx = 1;field;              ^ it is there or not: write has and its name
tcp.md5sig = 1;field;           ^ it is there or not
local.port = 70000;field;             ^^^^^ not a port: they are 0 to 65535
local.port = nosuch;field;             ^^^^^^ not a port: use a number or a service name
local.port = *;field;not a port
tcp.rtt in 5-1;field;           ^^^ the range ends before it begins
tcp.rtt in {1,2;field;           ^ this brace is not closed
tcp.rtt in {};field;           ^ no values between the braces
tcp.rtt in { , };field;           ^ no values between the braces
tcp.rtt in {1,x};field;              ^ not a time
process = "a b;field;          ^ this quotation mark is not closed
process > 5;field;        ^ text can be
tcp.rtt > 5 ms;field;            ^^ a value ends at the first blank
process = a b;field;            ^ a value ends at the first blank
tcp.rtt = 1-5;field;          ^^^ not a time
mark > 1/1;field;     ^ a mark with a mask can be =, != or in
# `and` and `or` do not meet where there is such a term
sport = 1 or sport = 2 and tcp.rtt > 5;field;                       ^^^ "and" and "or" meet here: write  ( sport = 1 or sport = 2 ) and tcp.rtt > 5  or  sport = 1 or ( sport = 2 and tcp.rtt > 5 )
tcp.rtt > 5 or sport = 2 sport = 3;field;"and" and "or" meet here: write  ( tcp.rtt > 5 or sport = 2 ) and sport = 3  or  tcp.rtt > 5 or ( sport = 2 sport = 3 )
tcp.rtt > 5 and ( sport = 1 or sport = 2 and sport = 3 );field;and" and "or" meet here: write  ( sport = 1 or sport = 2 ) and sport = 3  or  sport = 1 or ( sport = 2 and sport = 3 )
(tcp.rtt>5 or sport = 2) and dport = 3;ok;( tcp.rtt > 5us or sport = 2 ) and dport = 3;08101400000000000300000000000000
