# Addresses and ports
src 127.0.0.1;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src = 127.0.0.1;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src == 127.0.0.1;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src != 127.0.0.1;ok;src != 127.0.0.1;0710140002200000ffffffff7f00000101040800
dst 127.0.0.1;ok;dst = 127.0.0.1;0810140002200000ffffffff7f000001
src 127.0.0.1:22;ok;src = 127.0.0.1:22;0710140002200000160000007f000001
src 127.0.0.1:*;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 127.0.0.1:;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 127.0.0.1/8;ok;src = 127.0.0.1/8;0710140002080000ffffffff7f000001
src 127.0.0.1/8:22;ok;src = 127.0.0.1/8:22;0710140002080000160000007f000001
src 127/8;ok;src = 127.0.0.0/8;0710140002080000ffffffff7f000000
src 127;ok;src = 127.0.0.0;0710140002200000ffffffff7f000000
src 10.1;ok;src = 10.1.0.0;0710140002200000ffffffff0a010000
src 10.1/16:0;ok;src = 10.1.0.0/16:0;0710140002100000000000000a010000
src 127/8:22;ok;src = 127.0.0.0/8:22;0710140002080000160000007f000000
src 0177.0.0.1;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 0x7f.1;ok;src = 127.1.0.0;0710140002200000ffffffff7f010000
src 127.0.0.1/0x8;ok;src = 127.0.0.1/8;0710140002080000ffffffff7f000001
src 127.0.0.1/255.0.0.0;ok;src = 127.0.0.1/8;0710140002080000ffffffff7f000001
src 127.0.0.1/255.255.255.255;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 127.0.0.1/0.0.0.0;ok;src = 127.0.0.1/0;0710140002000000ffffffff7f000001
src 127.0.0.1/0;ok;src = 127.0.0.1/0;0710140002000000ffffffff7f000001
src 0.0.0.0/0;ok;src = 0.0.0.0/0;0710140002000000ffffffff00000000
src 127.0.0.1/32;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 127.0.0.1/33;operand;    ^^^^^^^^^^^^ not an address with a prefix length
src 127.0.0.1/08;operand;    ^^^^^^^^^^^^ not an address with a prefix length
src 127.0.0.1/255.0.255.0;operand;    ^^^^^^^^^^^^^^^^^^^^^ not an address with a prefix length
src 127.0.0.1/;operand;    ^^^^^^^^^^ not an address with a prefix length
src 127.0.0.1/8/8;operand;    ^^^^^^^^^^^^^ not an address with a prefix length
src 127.0.0.1/-1;operand;    ^^^^^^^^^^^^ not an address with a prefix length
src 127.0.0.256;operand;    ^^^^^^^^^^^ not an address
src 1.2.3.4.5;operand;    ^^^^^^^^^ not an address
src 1..2;operand;    ^^^^ not an address
src 1.2.3.;operand;    ^^^^^^ not an address
src [::1];ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src [::1]:22;ok;src = [::1]:22;071c20000a8000001600000000000000000000000000000000000001
src [::1]:;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src [::1]:*;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src [fe80::/10]:80;ok;src = [fe80::/10]:80;071c20000a0a000050000000fe800000000000000000000000000000
src [fe80::/10];ok;src = [fe80::/10];071c20000a0a0000fffffffffe800000000000000000000000000000
src [fe80::]/10;ok;src = [fe80::/10];071c20000a0a0000fffffffffe800000000000000000000000000000
src [fe80::]/10:80;ok;src = [fe80::/10]:80;071c20000a0a000050000000fe800000000000000000000000000000
src [::1]/128;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src [::1/64]/64;operand;    ^^^^^^^^^^^ not an address: write [ADDRESS]:PORT
src [::ffff:127.0.0.1];ok;src = [::ffff:127.0.0.1];071c20000a800000ffffffff00000000000000000000ffff7f000001
src [127.0.0.1]:22;ok;src = 127.0.0.1:22;0710140002200000160000007f000001
src [127.0.0.1/8]:22;ok;src = 127.0.0.1/8:22;0710140002080000160000007f000001
src []:22;ok;src = *:22;07101400000000001600000000000000
src [*]:22;ok;src = *:22;07101400000000001600000000000000
src [];ok;src = *;-
src [::1;operand;    ^^^^ not an address: write [ADDRESS]:PORT
src [::1]22;operand;    ^^^^^^^ not an address: write [ADDRESS]:PORT
src [::1]x:22;operand;    ^^^^^^^^^ not an address: write [ADDRESS]:PORT
src [::1/129];operand;    ^^^^^^^^^ not an address with a prefix length
src [::1/x];operand;    ^^^^^^^ not an address with a prefix length
src [:::];operand;     ^^^ not an address
# without brackets, the last colon still begins a port where it can
src ::1:4433;ok;src = [::1]:4433;071c20000a8000005111000000000000000000000000000000000001
src ::1/128:4433;ok;src = [::1]:4433;071c20000a8000005111000000000000000000000000000000000001
src ::1:*;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src ::1:;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src ::1:ssh;ok;src = [::1]:22;071c20000a8000001600000000000000000000000000000000000001
src fe80::/10:*;ok;src = [fe80::/10];071c20000a0a0000fffffffffe800000000000000000000000000000
src ::1;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src ::1/128;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src ::;ok;src = [::];071c20000a800000ffffffff00000000000000000000000000000000
src ::/0;ok;src = [::/0];071c20000a000000ffffffff00000000000000000000000000000000
src fe80::/10;ok;src = [fe80::/10];071c20000a0a0000fffffffffe800000000000000000000000000000
src fe80::1;ok;src = [fe80::1];071c20000a800000fffffffffe800000000000000000000000000001
src 2001:db8::1;ok;src = [2001:db8::1];071c20000a800000ffffffff20010db8000000000000000000000001
src 2001:db8::1:443;ok;src = [2001:db8::1]:443;071c20000a800000bb01000020010db8000000000000000000000001
src 1:2:3:4:5:6:7:8;ok;src = [1:2:3:4:5:6:7:8];071c20000a800000ffffffff00010002000300040005000600070008
src 1:2:3:4:5:6:7:8:80;ok;src = [1:2:3:4:5:6:7:8]:80;071c20000a8000005000000000010002000300040005000600070008
src ::ffff:10.0.0.1;ok;src = [::ffff:10.0.0.1];071c20000a800000ffffffff00000000000000000000ffff0a000001
src :::22;ok;src = [::]:22;071c20000a8000001600000000000000000000000000000000000000
src 1:2:3;operand;    ^^^ not an address
src a:b:c;operand;        ^ not a port: use a number, a service name or *
src g::1;operand;    ^^ not an address
# wildcards
src *;ok;src = *;-
src *:22;ok;src = *:22;07101400000000001600000000000000
src :22;ok;src = *:22;07101400000000001600000000000000
src :;ok;src = *;-
src any;ok;src = *;-
src all;ok;src = *;-
src default;ok;src = *;-
src any:22;ok;src = *:22;07101400000000001600000000000000
src */8;operand;    ^^^ not an address with a prefix length
src any/8;operand;    ^^^^^ not an address with a prefix length
dst *:*;ok;dst = *;-
# names
src four;ok;src = 10.0.0.9;0710140002200000ffffffff0a000009
src two;ok;src = 10.0.0.9 or src = [::9];0710140002200000ffffffff0a00000901042000071c20000a800000ffffffff00000000000000000000000000000009
src two:80;ok;src = 10.0.0.9:80 or src = [::9]:80;0710140002200000500000000a00000901042000071c20000a8000005000000000000000000000000000000000000009
src != two;ok;not ( src = 10.0.0.9 or src = [::9] );0710140002200000ffffffff0a00000901042800071c20000a800000ffffffff0000000000000000000000000000000901040800
src != two:80 and dport = 1;ok;not ( src = 10.0.0.9:80 or src = [::9]:80 ) and dport = 1;0710140002200000500000000a00000901043800071c20000a80000050000000000000000000000000000000000000090104180008101400000000000100000000000000
src [two]:80;ok;src = 10.0.0.9:80 or src = [::9]:80;0710140002200000500000000a00000901042000071c20000a8000005000000000000000000000000000000000000009
src inet:two;ok;src = inet:10.0.0.9;-
src inet6:two;ok;src = inet6:[::9];071c20000a800000ffffffff00000000000000000000000000000009
src inet6:four;operand;          ^^^^ not an address, and no host of this name is known
src nosuch;operand;    ^^^^^^ not an address, and no host of this name is known
src two/8;operand;    ^^^^^ not an address with a prefix length
src nosuch:22;operand;    ^^^^^^ not an address, and no host of this name is known
src a/b;operand;    ^^^ not an address with a prefix length
src a,b;operand;    ^ not an address, and no host of this name is known
src -x;operand;    ^^ not an address
src unspec:22;operand;    ^^^^^^ not an address, and no host of this name is known
src INET:127.0.0.1;operand;         ^^^^^^^^^ not a port: use a number, a service name or *
src xdp:x;operand;        ^ not a port: use a number, a service name or *
src tipc:1;operand;    ^^^^ not an address, and no host of this name is known
# ports
sport = 0;ok;sport = 0;07101400000000000000000000000000
sport = 65535;ok;sport = 65535;0710140000000000ffff000000000000
sport = 65536;ok;sport = 65536;01040800
sport = 70000;ok;sport = 70000;01040800
sport != 70000;ok;sport != 70000;-
sport >= 70000;ok;sport >= 70000;01040800
sport > 70000;ok;sport > 70000;01040800
sport <= 70000;ok;sport <= 70000;-
sport < 70000;ok;sport < 70000;-
sport >= 65535;ok;sport >= 65535;02080c000000ffff
sport >= 65536;ok;sport >= 65536;01040800
sport > 65535;ok;sport > 65535;03080c000000ffff01040800
sport <= 65536;ok;sport <= 65536;-
sport >= 0;ok;sport >= 0;02080c0000000000
sport < 0;ok;sport < 0;02080c000000000001040800
sport = -5;ok;sport = -5;01040800
sport > -5;ok;sport > -5;-
sport < -5;ok;sport < -5;01040800
sport = -1;ok;sport = *;-
sport = 2147483647;ok;sport = 2147483647;01040800
sport = 2147483648;ok;sport = 2147483648;01040800
sport = 99999999999999999999;operand;        ^^^^^^^^^^^^^^^^^^^^ not a port: use a number, a service name or *
sport = 0x16;ok;sport = 22;07101400000000001600000000000000
sport = 0X16;ok;sport = 22;07101400000000001600000000000000
sport = 026;ok;sport = 22;07101400000000001600000000000000
sport = 08;operand;        ^^ not a port: use a number, a service name or *
sport = +22;ok;sport = 22;07101400000000001600000000000000
sport = 22x;operand;        ^^^ not a port: use a number, a service name or *
sport = x22;operand;        ^^^ not a port: use a number, a service name or *
sport = *;ok;sport = *;-
sport = :22;ok;sport = 22;07101400000000001600000000000000
sport = :;ok;sport = *;-
sport = :*;ok;sport = *;-
sport = ::22;operand;         ^^^ not a port: use a number, a service name or *
sport != *;ok;sport != *;01040800
sport >= *;ok;sport >= *;-
sport > *;ok;sport > *;01040800
sport < *;ok;sport < *;01040800
sport <= *;ok;sport <= *;-
sport = ssh;ok;sport = 22;07101400000000001600000000000000
sport = :ssh;ok;sport = 22;07101400000000001600000000000000
sport = http;ok;sport = 80;07101400000000005000000000000000
sport = bootpc;ok;sport = 68;07101400000000004400000000000000
sport = who;ok;sport = 513;07101400000000000102000000000000
sport = rpc.nfs;ok;sport = 2049;07101400000000000108000000000000
sport = rpc.status;operand;        ^^^^^^^^^^ an ambiguous port: several have this name, use a number
sport = nosuch;operand;        ^^^^^^ not a port: use a number, a service name or *
sport = 1.2.3.4:22;operand;        ^^^^^^^^^^ not a port: use a number, a service name or *
src 1.2.3.4:nosuch;operand;            ^^^^^^ not a port: use a number, a service name or *
src 1.2.3.4:99999;ok;src = 1.2.3.4:99999;01040800
env tcp
sport = who;ok;sport = 513;07101400000000000102000000000000
sport = bootpc;operand;        ^^^^^^ not a port: use a number, a service name or *
sport = rpc.nfs;ok;sport = 2049;07101400000000000108000000000000
sport = rpc.status;operand;        ^^^^^^^^^^ an ambiguous port: several have this name, use a number
env udp
sport = who;ok;sport = 514;07101400000000000202000000000000
sport = ssh;operand;        ^^^ not a port: use a number, a service name or *
sport = rpc.nfs;operand;        ^^^^^^^ not a port: use a number, a service name or *
sport = rpc.status;ok;sport = 700;0710140000000000bc02000000000000
sport = bootpc;ok;sport = 68;07101400000000004400000000000000
env tcp udp
sport = who;ok;sport = 513;07101400000000000102000000000000
sport = http;ok;sport = 80;07101400000000005000000000000000
# families by name
env plain
src inet:127.0.0.1;ok;src = inet:127.0.0.1;-
src inet:127.0.0.1:22;ok;src = inet:127.0.0.1:22;-
src inet:[127.0.0.1]:22;ok;src = inet:127.0.0.1:22;-
src inet:;ok;src = inet:*;-
src inet::22;ok;src = inet:*:22;-
src inet:*;ok;src = inet:*;-
sport = inet:22;ok;sport = inet:22;-
sport = inet::22;ok;sport = inet:22;-
src inet:[::1];operand;          ^^^ not an IPv4 address
src inet:::1;operand;         ^^^ not an IPv4 address
src inet6:[::1];ok;src = inet6:[::1];071c20000a800000ffffffff00000000000000000000000000000001
src inet6:::1;ok;src = inet6:[::1];071c20000a800000ffffffff00000000000000000000000000000001
src inet6:[::1]:22;ok;src = inet6:[::1]:22;071c20000a8000001600000000000000000000000000000000000001
src inet6:*:22;ok;src = inet6:*:22;-
src inet6:127.0.0.1;operand;          ^^^^^^^^^ not an IPv6 address
src inet:127.0.0.1 or src inet6:[::1];ok;src = inet:127.0.0.1 or src = inet6:[::1];-
src inet:1.2.3.4 or src unix:/x*;ok;src = inet:1.2.3.4 or src = unix:/x*;-
# what a family's name says holds for what follows
src unix:/x* or src /y*;ok;src = unix:/x* or src = unix:/y*;01040800
src unix:/x* or sport = 22;ok;src = unix:/x* or sport = unix:22;01040800
src inet6:* and src [::1];ok;src = inet6:* and src = inet6:[::1];071c20000a800000ffffffff00000000000000000000000000000001
src inet6:* and src 127.0.0.1;operand;                    ^^^^^^^^^ not an IPv6 address
sport = 22 or src unix:22;ok;sport = 22 or src = unix:22;07101400000000001600000000000000
src unix:;ok;src = unix:;01040800
src unix:/tmp/a\ b;ok;src = unix:/tmp/a\ b;01040800
src unix:a\\*b;ok;src = unix:a\\*b;01040800
src unix:(x);ok;src = unix:\(x\);01040800
(src unix:(x));ok;src = unix:\(x\);01040800
(src unix:x\));ok;src = unix:x\);01040800
src unix:x);ok;src = unix:x\);01040800
src != unix:/x*;ok;src != unix:/x*;01040800
sport = unix:x;ok;sport = unix:x;01040800
sport >= unix:x;operand;         ^^^^^^ a name can be = or != only
dst unix:*;ok;dst = unix:*;01040800
src link:;ok;src = link:*;01040800
src link:*;ok;src = link:*;01040800
src link:ip;ok;src = link:2048;01040800
src link:0x800;ok;src = link:2048;01040800
src link:2048:1;ok;src = link:2048:1;01040800
src link:ip:lo;ok;src = link:2048:1;01040800
src link::lo;ok;src = link:*:1;01040800
src link:ip:*;ok;src = link:2048;01040800
src link:ip:if7;ok;src = link:2048:7;01040800
src link:ip:7;ok;src = link:2048:7;01040800
src link:zzz;operand;         ^^^ not a protocol: use a number, or a name like ip or arp
src link:70000;operand;         ^^^^^ not a protocol: use a number, or a name like ip or arp
src link:-1;operand;         ^^ not a protocol: use a number, or a name like ip or arp
src link:ip:nosuch;operand;            ^^^^^^ no such device
src link:ip:if;operand;            ^^ no such device
src link:ip:if+1;operand;            ^^^^ no such device
sport = link:lo;ok;sport = link:1;01040800
sport >= link:2;ok;sport >= link:2;01040800
dport = link:lo;ok;dport = link:1;01040800
dst link:0;ok;dst = link:0;01040800
src netlink:;ok;src = netlink:*;01040800
src netlink:rtnl;ok;src = netlink:0;01040800
src netlink:0;ok;src = netlink:0;01040800
src netlink:255;ok;src = netlink:255;01040800
src netlink:256;operand;            ^^^ not a netlink protocol: use 0 to 255, or a name like rtnl or genl
src netlink:zzz;operand;            ^^^ not a netlink protocol: use 0 to 255, or a name like rtnl or genl
src netlink:16:777;ok;src = netlink:16:777;01040800
src netlink:genl:kernel;ok;src = netlink:16:0;01040800
src netlink::777;ok;src = netlink:*:777;01040800
src netlink:genl:*;ok;src = netlink:16;01040800
src netlink:0:-1;ok;src = netlink:0;01040800
src netlink:0:-1635629306;ok;src = netlink:0:2659337990;01040800
src netlink:0:2659337990;ok;src = netlink:0:2659337990;01040800
src netlink:0:4294967296;ok;src = netlink:0:4294967296;01040800
src netlink:0:x;operand;              ^ not a port id: use a number, or kernel
sport = netlink:777;ok;sport = netlink:777;01040800
sport = netlink:kernel;ok;sport = netlink:0;01040800
sport > netlink:777;ok;sport > netlink:777;01040800
dst netlink:3:22;ok;dst = netlink:3:22;01040800
src vsock:;ok;src = vsock:*;01040800
src vsock:3;ok;src = vsock:3;01040800
src vsock:3:1024;ok;src = vsock:3:1024;01040800
src vsock::1024;ok;src = vsock:*:1024;01040800
src vsock:*:1024;ok;src = vsock:*:1024;01040800
src vsock:0x3:0x5;ok;src = vsock:3:5;01040800
src vsock:4294967295;ok;src = vsock:4294967295;01040800
src vsock:4294967296;operand;          ^^^^^^^^^^ not a context id
src vsock:x;operand;          ^ not a context id
src vsock:-1;operand;          ^^ not a context id
sport = vsock:1024;ok;sport = vsock:1024;01040800
sport = vsock:*:3;operand;              ^^^ not a vsock port
sport < vsock:1024;ok;sport < vsock:1024;01040800
dst vsock:2:4000000000;ok;dst = vsock:2:4000000000;01040800
# preferred families
env inet
src 127.0.0.1;ok;src = inet:127.0.0.1;-
src [::1];operand;     ^^^ not an IPv4 address
src ::1;operand;    ^^^ not an IPv4 address
sport = 22;ok;sport = inet:22;-
src *;ok;src = inet:*;-
src two;ok;src = inet:10.0.0.9;-
src unix:x;ok;src = unix:x;01040800
src unix:x or src y;ok;src = unix:x or src = unix:y;01040800
env inet6
src 127.0.0.1;operand;    ^^^^^^^^^ not an IPv6 address
src [::1];ok;src = inet6:[::1];071c20000a800000ffffffff00000000000000000000000000000001
src ::1;ok;src = inet6:[::1];071c20000a800000ffffffff00000000000000000000000000000001
src four;operand;    ^^^^ not an address, and no host of this name is known
src two;ok;src = inet6:[::9];071c20000a800000ffffffff00000000000000000000000000000009
sport = 22;ok;sport = inet6:22;-
env unix
src /tmp/*;ok;src = unix:/tmp/*;01040800
src 22;ok;src = unix:22;01040800
sport = 22;ok;sport = unix:22;01040800
sport > 22;ok;sport > 22;03080c000000160001040800
sport > x;operand;        ^ a name can be = or != only
src *;ok;src = unix:*;01040800
src !x;ok;src = unix:!x;01040800
src ::1;ok;src = unix:::1;01040800
src @a*;ok;src = unix:@a*;01040800
src inet:1.2.3.4 or src 1.2.3.5;ok;src = inet:1.2.3.4 or src = inet:1.2.3.5;-
dst *;ok;dst = unix:*;01040800
env unix +inet
sport = 22;ok;sport = 22;07101400000000001600000000000000
sport = ssh;ok;sport = unix:ssh;01040800
src 127.0.0.1;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 127.0.0.1:22;ok;src = 127.0.0.1:22;0710140002200000160000007f000001
src ::1;ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
src /tmp/*;ok;src = unix:/tmp/*;01040800
src *;ok;src = unix:*;01040800
src tmp;ok;src = unix:tmp;01040800
src unix:22;ok;src = unix:22;01040800
src unix:22 or sport = 22;ok;src = unix:22 or sport = unix:22;01040800
sport = :22;ok;sport = 22;07101400000000001600000000000000
src [::1]:80;ok;src = [::1]:80;071c20000a8000005000000000000000000000000000000000000001
src a:80;ok;src = unix:a:80;01040800
env packet
src ip;ok;src = link:2048;01040800
src 2048;ok;src = link:2048;01040800
src ip:lo;ok;src = link:2048:1;01040800
sport = lo;ok;sport = link:1;01040800
sport = 5;ok;sport = link:5;01040800
sport = nosuch;operand;        ^^^^^^ no such device
src inet:1.2.3.4;ok;src = inet:1.2.3.4;-
env netlink
src rtnl;ok;src = netlink:0;01040800
sport = 777;ok;sport = netlink:777;01040800
sport = kernel;ok;sport = netlink:0;01040800
src genl:777;ok;src = netlink:16:777;01040800
env vsock
src 3;ok;src = vsock:3;01040800
src 3:1024;ok;src = vsock:3:1024;01040800
sport = 3;ok;sport = vsock:3;01040800
src x;operand;    ^ not a context id
# other operands
env plain
dev lo;ok;dev = lo;-
dev = lo;ok;dev = lo;-
dev != lo;ok;dev != lo;-
dev if1;ok;dev = if1;-
dev if77;ok;dev = if77;-
dev 1;ok;dev = 1;-
dev 0;ok;dev = 0;-
dev +1;ok;dev = +1;-
dev -1;operand;    ^^ no such device
dev ifx;operand;    ^^^ no such device
dev if;operand;    ^^ no such device
dev nosuch;operand;    ^^^^^^ no such device
dev 4294967295;ok;dev = 4294967295;-
dev 4294967296;operand;    ^^^^^^^^^^ no such device
dev e);ok;dev = e\);-
(dev e));ok;dev = e\);-
(dev e\));ok;dev = e\);-
dev e));operand;    ^^^ no such device
fwmark 0;ok;fwmark = 0x0;-
fwmark 5;ok;fwmark = 0x5;-
fwmark = 5;ok;fwmark = 0x5;-
fwmark != 5;ok;fwmark != 0x5;-
fwmark 0x5/0xff;ok;fwmark = 0x5/0xff;-
fwmark 010/017;ok;fwmark = 0x8/0xf;-
fwmark -1;ok;fwmark = 0xffffffff;-
fwmark 4294967295;ok;fwmark = 0xffffffff;-
fwmark 4294967296;operand;       ^^^^^^^^^^ not a mark: use MARK or MARK/MASK
fwmark 5/;operand;       ^^ not a mark: use MARK or MARK/MASK
fwmark /5;operand;       ^^ not a mark: use MARK or MARK/MASK
fwmark x;operand;       ^ not a mark: use MARK or MARK/MASK
fwmark 5/x;operand;       ^^^ not a mark: use MARK or MARK/MASK
fwmark 5/7/7;operand;       ^^^^^ not a mark: use MARK or MARK/MASK
fwmark 5);syntax;        ^ no parenthesis is open here
(fwmark 5);ok;fwmark = 0x5;-
cgroup /a;ok;cgroup = /a;-
cgroup = /a;ok;cgroup = /a;-
cgroup != /a;ok;cgroup != /a;-
cgroup /a\ b;ok;cgroup = /a\ b;-
cgroup nosuch;operand;       ^^^^^^ no such cgroup: No such file or directory
cgroup /;operand;       ^ no such cgroup: No such file or directory
src 2130706433;ok;src = 127.0.0.1;0710140002200000ffffffff7f000001
src 1.2.300;ok;src = 1.2.1.44;0710140002200000ffffffff0102012c
src 2130706433/8;operand;    ^^^^^^^^^^^^ not an address with a prefix length
src 1.2.3.300;operand;    ^^^^^^^^^ not an address
src 1.2.3.x;operand;    ^^^^^^^ not an address, and no host of this name is known
src inet6:2130706433;operand;          ^^^^^^^^^^ not an address
# several between commas, but for the names of Unix sockets
env plain
sport = 22,53;rows;ssh lo53
sport = ssh,53,65535;rows;ssh far lo53
sport 22,53;rows;ssh lo53
(sport = 22,53);rows;ssh lo53
not sport = 22,53 and dport = 22,443;rows;est far
sport != 22,53,65535,40000;rows;six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
src 127.0.0.53,10.0.0.9;rows;far lo53
dst = 192.168.0.0/16,[fe80::]/10,::1;rows;far six six9
dst != 192.168.0.0/16,127/8,[fe80::]/10;rows;ssh lo53 six any6 map path abs auto none n22 pall plo p0 nlk nlp nla
dev lo,eth0;rows;far lo53 plo
dev = eth0,2;rows;far
fwmark = 5,7/0xff;rows;est lo53
src unix:@abs@name,x;rows;
src netlink:16,netlink:4;rows;nlp nla
src vsock:1,2;ok;src = vsock:1 or src = vsock:2;01040800
sport = 1,2;ok;sport = 1 or sport = 2;071014000000000001000000000000000104140007101400000000000200000000000000
sport != 1,2;ok;not ( sport = 1 or sport = 2 );0710140000000000010000000000000001041c000710140000000000020000000000000001040800
src unix:a,b;ok;src = unix:a,b;01040800
cgroup = /a,/a;ok;cgroup = /a or cgroup = /a;-
sport = 22\,53;operand;not a port
sport = 22,;syntax;           ^ sport needs an operand here, behind the comma
sport = ,22;syntax;an operand is missing before or behind the comma
sport = ,;syntax;an operand is missing before or behind the comma
src 10.0.0.9,,10.0.0.8;syntax;an operand is missing before or behind the comma
sport = 22,nosuch;operand;           ^^^^^^ not a port
sport > 22,23;operand;        ^^^^^ not a port
dev = lo,nosuch;operand;         ^^^^^^ no such device
src 10.0.0.9,nosuch;operand;             ^^^^^^ not an address
