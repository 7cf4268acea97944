# What is an expression, and its canonical form. The programs are byte for byte what scripts' expressions
# have always been compiled to, but where a shorter one says the same.
sport = 22;ok;sport = 22;07101400000000001600000000000000
sport == 22;ok;sport = 22;07101400000000001600000000000000
sport eq 22;ok;sport = 22;07101400000000001600000000000000
sport 22;ok;sport = 22;07101400000000001600000000000000
sport != 22;ok;sport != 22;0710140000000000160000000000000001040800
sport ne 22;ok;sport != 22;0710140000000000160000000000000001040800
sport neq 22;ok;sport != 22;0710140000000000160000000000000001040800
not sport = 22;ok;sport != 22;0710140000000000160000000000000001040800
! sport 22;ok;sport != 22;0710140000000000160000000000000001040800
sport >= 1024;ok;sport >= 1024;02080c0000000004
sport ge 1024;ok;sport >= 1024;02080c0000000004
sport geq 1024;ok;sport >= 1024;02080c0000000004
sport <= 1024;ok;sport <= 1024;03080c0000000004
sport le 1024;ok;sport <= 1024;03080c0000000004
sport leq 1024;ok;sport <= 1024;03080c0000000004
sport > 1024;ok;sport > 1024;03080c000000000401040800
sport gt 1024;ok;sport > 1024;03080c000000000401040800
sport < 1024;ok;sport < 1024;02080c000000000401040800
sport lt 1024;ok;sport < 1024;02080c000000000401040800
not sport > 1024;ok;not sport > 1024;03080c0000000004
not sport >= 1024;ok;not sport >= 1024;02080c000000000401040800
dport = 22;ok;dport = 22;08101400000000001600000000000000
dport != 22;ok;dport != 22;0810140000000000160000000000000001040800
dport >= 5;ok;dport >= 5;04080c0000000500
dport <= 5;ok;dport <= 5;05080c0000000500
dport > 5;ok;dport > 5;05080c000000050001040800
dport < 5;ok;dport < 5;04080c000000050001040800
	sport	=	22  ;ok;sport = 22;07101400000000001600000000000000
sport\ = 22;syntax;^^^^^^^^ not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound
\sport = 22;ok;sport = 22;07101400000000001600000000000000
sport = 2\2;ok;sport = 22;07101400000000001600000000000000
sport = 22\;ok;sport = 22;07101400000000001600000000000000
# equal precedence, from the left
sport 1 or sport 2;ok;sport = 1 or sport = 2;071014000000000001000000000000000104140007101400000000000200000000000000
sport 1 | sport 2;ok;sport = 1 or sport = 2;071014000000000001000000000000000104140007101400000000000200000000000000
sport 1 || sport 2;ok;sport = 1 or sport = 2;071014000000000001000000000000000104140007101400000000000200000000000000
sport 1 and sport 2;ok;sport = 1 and sport = 2;0710240000000000010000000000000007101400000000000200000000000000
sport 1 & sport 2;ok;sport = 1 and sport = 2;0710240000000000010000000000000007101400000000000200000000000000
sport 1 && sport 2;ok;sport = 1 and sport = 2;0710240000000000010000000000000007101400000000000200000000000000
sport 1 sport 2;ok;sport = 1 and sport = 2;0710240000000000010000000000000007101400000000000200000000000000
sport 1 sport 2 and sport 3;ok;sport = 1 and sport = 2 and sport = 3;071034000000000001000000000000000710240000000000020000000000000007101400000000000300000000000000
sport 1 or sport 2 or sport 3;ok;sport = 1 or sport = 2 or sport = 3;0710140000000000010000000000000001042800071014000000000002000000000000000104140007101400000000000300000000000000
sport 1 or sport 2 and sport 3;mixed;( sport = 1 or sport = 2 ) and sport = 3;07101400000000000100000000000000010414000710240000000000020000000000000007101400000000000300000000000000
sport 1 or sport 2 sport 3;mixed;( sport = 1 or sport = 2 ) and sport = 3;07101400000000000100000000000000010414000710240000000000020000000000000007101400000000000300000000000000
sport 1 and sport 2 or sport 3;mixed;( sport = 1 and sport = 2 ) or sport = 3;07102400000000000100000000000000071014000000000002000000000000000104140007101400000000000300000000000000
sport 1 or sport 2 and sport 3 or sport 4 and sport 5;mixed;( ( ( sport = 1 or sport = 2 ) and sport = 3 ) or sport = 4 ) and sport = 5;07101400000000000100000000000000010414000710240000000000020000000000000007101400000000000300000000000000010414000710240000000000040000000000000007101400000000000500000000000000
sport 1 or ( sport 2 and sport 3 );ok;sport = 1 or ( sport = 2 and sport = 3 );07101400000000000100000000000000010424000710240000000000020000000000000007101400000000000300000000000000
sport 1 and ( sport 2 or sport 3 );ok;sport = 1 and ( sport = 2 or sport = 3 );07103800000000000100000000000000071014000000000002000000000000000104140007101400000000000300000000000000
( sport 1 or sport 2 ) and sport 3;ok;( sport = 1 or sport = 2 ) and sport = 3;07101400000000000100000000000000010414000710240000000000020000000000000007101400000000000300000000000000
( sport 1 and sport 2 ) or sport 3;ok;( sport = 1 and sport = 2 ) or sport = 3;07102400000000000100000000000000071014000000000002000000000000000104140007101400000000000300000000000000
( sport 1 or sport 2 ) or sport 3;ok;sport = 1 or sport = 2 or sport = 3;0710140000000000010000000000000001042800071014000000000002000000000000000104140007101400000000000300000000000000
sport 1 or ( sport 2 or sport 3 );ok;sport = 1 or sport = 2 or sport = 3;0710140000000000010000000000000001042800071014000000000002000000000000000104140007101400000000000300000000000000
( ( ( sport 1 ) ) );ok;sport = 1;07101400000000000100000000000000
( sport 1 or sport 2 ) and ( sport 3 or sport 4 );ok;( sport = 1 or sport = 2 ) and ( sport = 3 or sport = 4 );071014000000000001000000000000000104140007103800000000000200000000000000071014000000000003000000000000000104140007101400000000000400000000000000
# not
not not sport 1;ok;sport = 1;07101400000000000100000000000000
! ! ! sport 1;ok;sport != 1;0710140000000000010000000000000001040800
not ( sport 1 );ok;sport != 1;0710140000000000010000000000000001040800
not ( not ( sport 1 ) );ok;sport = 1;07101400000000000100000000000000
not ( sport 1 or sport 2 );ok;not ( sport = 1 or sport = 2 );0710140000000000010000000000000001041c000710140000000000020000000000000001040800
not ( sport 1 and sport 2 );ok;not ( sport = 1 and sport = 2 );071024000000000001000000000000000710140000000000020000000000000001040800
not ( not ( sport 1 or sport 2 ) );ok;sport = 1 or sport = 2;071014000000000001000000000000000104140007101400000000000200000000000000
not ( not sport 1 or sport 2 );ok;not ( sport != 1 or sport = 2 );071028000000000001000000000000000710140000000000020000000000000001040800
not sport 1 or sport 2;ok;sport != 1 or sport = 2;0710200000000000010000000000000007101400000000000200000000000000
not sport 1 and not sport 2;ok;sport != 1 and sport != 2;0710140000000000010000000000000001041c000710140000000000020000000000000001040800
not sport 1 or not sport 2;ok;sport != 1 or sport != 2;071024000000000001000000000000000710140000000000020000000000000001040800
sport 1 and not sport 2;ok;sport = 1 and sport != 2;071028000000000001000000000000000710140000000000020000000000000001040800
sport 1 and not ( sport 2 or sport 3 );ok;sport = 1 and not ( sport = 2 or sport = 3 );07103c000000000001000000000000000710140000000000020000000000000001041c000710140000000000030000000000000001040800
not ( sport 1 or sport 2 ) or dport 3;ok;not ( sport = 1 or sport = 2 ) or dport = 3;07101400000000000100000000000000010414000710200000000000020000000000000008101400000000000300000000000000
not ( sport 1 or sport 2 ) and dport 3;ok;not ( sport = 1 or sport = 2 ) and dport = 3;0710140000000000010000000000000001042c00071014000000000002000000000000000104180008101400000000000300000000000000
not ( sport 1 and ( sport 2 or not ( sport 3 and sport 4 ) ) );ok;not ( sport = 1 and ( sport = 2 or not ( sport = 3 and sport = 4 ) ) );0710440000000000010000000000000007101400000000000200000000000000010428000710240000000000030000000000000007101400000000000400000000000000
# parentheses and ! may touch a word
(sport = 80);ok;sport = 80;07101400000000005000000000000000
( sport = 80);ok;sport = 80;07101400000000005000000000000000
(sport = 80 );ok;sport = 80;07101400000000005000000000000000
((sport = 80) or (sport = 81));ok;sport = 80 or sport = 81;071014000000000050000000000000000104140007101400000000005100000000000000
((sport = 80 or sport = 81) and not (dport = 1));ok;( sport = 80 or sport = 81 ) and dport != 1;0710140000000000500000000000000001041400071028000000000051000000000000000810140000000000010000000000000001040800
!sport = 80;ok;sport != 80;0710140000000000500000000000000001040800
!(sport = 80 or sport = 81);ok;not ( sport = 80 or sport = 81 );0710140000000000500000000000000001041c000710140000000000510000000000000001040800
!!sport = 80;ok;sport = 80;07101400000000005000000000000000
!( sport = 80 );ok;sport != 80;0710140000000000500000000000000001040800
(!sport = 80);ok;sport != 80;0710140000000000500000000000000001040800
not(sport = 80);syntax;^^^^^^^^^ not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound
(autobound);ok;autobound;-
((autobound));ok;autobound;-
(src 1.2.3.4);ok;src = 1.2.3.4;0710140002200000ffffffff01020304
(src [::1]:80);ok;src = [::1]:80;071c20000a8000005000000000000000000000000000000000000001
(fwmark = 1/3);ok;fwmark = 0x1/0x3;-
(dev = eth0);ok;dev = eth0;-
(sport 1 or (sport 2 or sport 3));ok;sport = 1 or sport = 2 or sport = 3;0710140000000000010000000000000001042800071014000000000002000000000000000104140007101400000000000300000000000000
( sport 1 ));syntax;           ^ no parenthesis is open here
(sport 1;syntax;^ this parenthesis is not closed
(sport 1));syntax;         ^ no parenthesis is open here
sport = 80);syntax;          ^ no parenthesis is open here
);syntax;^ no parenthesis is open here
( );syntax;  ^ nothing between the parentheses
();syntax; ^ nothing between the parentheses
(;syntax; ^ the expression ends where a predicate must follow
sport 1 );syntax;        ^ no parenthesis is open here
( sport 1;syntax;^ this parenthesis is not closed
not );syntax;    ^ no parenthesis is open here
not;syntax;   ^ the expression ends where a predicate must follow
!;syntax; ^ the expression ends where a predicate must follow
and;syntax;^^^ a predicate must come before this
or;syntax;^^ a predicate must come before this
and sport 1;syntax;^^^ a predicate must come before this
sport 1 and;syntax;           ^ the expression ends where a predicate must follow
sport 1 or;syntax;          ^ the expression ends where a predicate must follow
sport 1 and or sport 2;syntax;            ^^ a predicate must come before this
sport 1 and and sport 2;syntax;            ^^^ a predicate must come before this
sport 1 not;syntax;           ^ the expression ends where a predicate must follow
sport;syntax;     ^ sport needs an operand here
sport =;syntax;       ^ sport needs an operand here
sport = =;syntax;        ^ sport needs an operand here
sport and;syntax;      ^^^ sport needs an operand here
src;syntax;   ^ src needs an operand here
src and dst;syntax;    ^^^ src needs an operand here
= 1;syntax;^ a predicate must come before this
22;syntax;^^ not a predicate: say sport = 22 or dport = 22, or port = 22 for either
localhost;syntax;^^^^^^^^^ not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound
sport = 22 23;syntax;           ^^ not a predicate: say sport = 23 or
sport = 80 and dprot = 22;field;               ^^^^^ neither a predicate nor a field: did you mean dport?
# the operator may touch either side
sport=80;ok;sport = 80;07101400000000005000000000000000
sport= 80;ok;sport = 80;07101400000000005000000000000000
sport =80;ok;sport = 80;07101400000000005000000000000000
sport>=80;ok;sport >= 80;02080c0000005000
sport >=80;ok;sport >= 80;02080c0000005000
sport!=80;ok;sport != 80;0710140000000000500000000000000001040800
src=1.2.3.4;ok;src = 1.2.3.4;0710140002200000ffffffff01020304
src==1.2.3.4:80;ok;src = 1.2.3.4:80;07101400022000005000000001020304
src =[::1];ok;src = [::1];071c20000a800000ffffffff00000000000000000000000000000001
!sport=80;ok;sport != 80;0710140000000000500000000000000001040800
(sport=80);ok;sport = 80;07101400000000005000000000000000
(sport=80 or (dport=81));ok;sport = 80 or dport = 81;071014000000000050000000000000000104140008101400000000005100000000000000
dev=lo;ok;dev = lo;-
fwmark=1/3;ok;fwmark = 0x1/0x3;-
fwmark =1;ok;fwmark = 0x1;-
cgroup=/a;ok;cgroup = /a;-
cgroup~*a;ok;cgroup ~ *a;-
sport=80,443;ok;sport = 80 or sport = 443;07101400000000005000000000000000010414000710140000000000bb01000000000000
dev =lo;operand;    ^^^ no such device
src unix:=x;ok;src = unix:=x;01040800
src>1.2.3.4;syntax;   ^ src can be = or != only
src >1.2.3.4;syntax;    ^ src can be = or != only
sport=;syntax;      ^ sport needs an operand here
sport=nosuch;operand;      ^^^^^^ not a port
sport =nosuch;operand;       ^^^^^^ not a port
# a blank behind the comma
sport = 80, 443;ok;sport = 80 or sport = 443;07101400000000005000000000000000010414000710140000000000bb01000000000000
sport = 80, 443,444 and dport = 1;ok;( sport = 80 or sport = 443 or sport = 444 ) and dport = 1;07101400000000005000000000000000010428000710140000000000bb01000000000000010414000710240000000000bc0100000000000008101400000000000100000000000000
sport != 80, 443;ok;sport != 80 and sport != 443;0710140000000000500000000000000001041c000710140000000000bb0100000000000001040800
dst = 1.2.3.4, 5.6.7.8;ok;dst = 1.2.3.4 or dst = 5.6.7.8;0810140002200000ffffffff01020304010414000810140002200000ffffffff05060708
sport = 80,;syntax;          ^ sport needs an operand here, behind the comma
(sport = 80,);syntax;an operand is missing before or behind the comma
( sport = 80, 443);ok;sport = 80 or sport = 443;07101400000000005000000000000000010414000710140000000000bb01000000000000
sport = 80, and dport = 1;syntax;            ^^^ sport needs an operand here, behind the comma
env unix
src =x;ok;src = unix:=x;01040800
src a,;ok;src = unix:a,;01040800
env plain
state established;syntax;^^^^^ states are given on the command line, before the expression
exclude time-wait;syntax;^^^^^^^ states are given on the command line, before the expression
sport = 22 state established;syntax;           ^^^^^ states are given on the command line, before the expression
src > 1.2.3.4;syntax;    ^ src can be = or != only
src <= 1.2.3.4;syntax;    ^^ src can be = or != only
dst gt 1.2.3.4;syntax;    ^^ dst can be = or != only
dev > eth0;syntax;    ^ dev can be = or != only
fwmark < 1;syntax;       ^ fwmark can be = or != only
cgroup >= /a;syntax;       ^^ cgroup can be = or != only
autobound = 1;syntax;          ^ a predicate must come before this
autobound 1;syntax;          ^ not a predicate: say sport = 1
dev = dev;syntax;      ^^^ dev needs an operand here
dev = \not;operand;      ^^^^ no such device
sport sport 22;syntax;      ^^^^^ sport needs an operand here
Sport = 22;syntax;^^^^^ not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound, or FIELD = VALUE; did you mean sport?
sport = 22 AND sport = 23;syntax;           ^^^ not a predicate: write and
established;syntax;^^^^^^^^^^^ not a predicate: say state = established
ESTAB;syntax;^^^^^ not a predicate: say state = ESTAB
10.0.0.1;syntax;^^^^^^^^ not a predicate: say src 10.0.0.1 or dst 10.0.0.1, or addr = 10.0.0.1 for either
sport = 22 , sport = 23;syntax;           ^ not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound
( sport = 22 ) ( sport = 23 );ok;sport = 22 and sport = 23;0710240000000000160000000000000007101400000000001700000000000000
sport = 22 ( dport = 1 or dport = 2 );ok;sport = 22 and ( dport = 1 or dport = 2 );07103800000000001600000000000000081014000000000001000000000000000104140008101400000000000200000000000000
# the kernel is not asked about devices, marks, cgroups and autobound unless it may be
dev lo;ok;dev = lo;-
dev lo and sport = 22;ok;dev = lo and sport = 22;07101400000000001600000000000000
dev lo or sport = 22;ok;dev = lo or sport = 22;-
not dev lo and sport = 22;ok;dev != lo and sport = 22;07101400000000001600000000000000
fwmark 1;ok;fwmark = 0x1;-
autobound;ok;autobound;-
not autobound;ok;not autobound;-
autobound and sport = 22;ok;autobound and sport = 22;07101400000000001600000000000000
cgroup /a;ok;cgroup = /a;-
not ( dev lo or sport = 22 );ok;not ( dev = lo or sport = 22 );0710140000000000160000000000000001040800
not ( dev lo and sport = 22 );ok;not ( dev = lo and sport = 22 );-
env push
dev lo;ok;dev = lo;09080c0001000000
dev != lo;ok;dev != lo;09080c000100000001040800
dev = lo and sport = 22;ok;dev = lo and sport = 22;09081c000100000007101400000000001600000000000000
fwmark 1;ok;fwmark = 0x1;0a0c100001000000ffffffff
fwmark = 1/3;ok;fwmark = 0x1/0x3;0a0c10000100000003000000
fwmark != 5;ok;fwmark != 0x5;0a0c100005000000ffffffff01040800
cgroup /a;ok;cgroup = /a;0d0c1000591b000000000000
cgroup != /a;ok;cgroup != /a;0d0c1000591b00000000000001040800
autobound;ok;autobound;06040800
not autobound;ok;not autobound;06041800020814000000008003080c00000047ee01040800
autobound and sport = 22;ok;autobound and sport = 22;0604180007101400000000001600000000000000
autobound or sport = 22;ok;autobound or sport = 22;060408000104140007101400000000001600000000000000
not autobound and sport = 22;ok;not autobound and sport = 22;06041800020814000000008003080c00000047ee0104180007101400000000001600000000000000
not ( autobound and sport = 22 );ok;not ( autobound and sport = 22 );06042800020824000000008003081c00000047ee0710140000000000160000000000000001040800
not autobound and src inet:1.2.3.4;ok;not autobound and src = inet:1.2.3.4;06041800020814000000008003080c00000047ee01040800
not autobound and src unix:x;ok;not autobound and src = unix:x;01040800
dev eth0 and fwmark 1 and cgroup /a and dport = 1;ok;dev = eth0 and fwmark = 0x1 and cgroup = /a and dport = 1;09083400020000000a0c2c0001000000ffffffff0d0c2000591b00000000000008101400000000000100000000000000
env plain
sport 1 or (sport 2 or sport 3));syntax;                               ^ no parenthesis is open here
(sport 1 or (sport 2 or sport 3;syntax;            ^ this parenthesis is not closed
(not (sport 1);syntax;^ this parenthesis is not closed
( ( sport = 1 ));ok;sport = 1;07101400000000000100000000000000
(( sport = 1 ));ok;sport = 1;07101400000000000100000000000000
( ( autobound));ok;autobound;-
dev (lo);operand;    ^^^^ no such device
# a backslash alone is a word, and no term
\;syntax;^ not a predicate
\ sport = 22;syntax;^ not a predicate
sport = 22 \;syntax;           ^ not a predicate
not \;syntax;    ^ not a predicate
sport = \;syntax;        ^ sport needs an operand here
src \;syntax;    ^ src needs an operand here
