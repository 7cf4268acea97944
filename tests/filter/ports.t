# Ports without which nothing matches, so that the others need not be told.
sport = 443;ports;443
sport = :443 or dport = :22;ports;443 22
( sport = 443 or sport = 80 ) and dport != 22;ports;443 80 22
sport = 443 and dst 10.0.0.9;ports;443
src 127.0.0.1:80;ports;80
dst 10.0.0.0/8:22 or src [::1]:4433;ports;22 4433
port = 22;ports;22
peer.port = 443;ports;443
peer.port in {80, 443};ports;80 443
peer.port in {80, 440-443};ports;
sport = 443 or dst 10.0.0.9;ports;
not sport = 443;ports;
not not sport = 443;ports;443
not ( sport != 443 and dport != 443 );ports;443
not ( sport = 443 or dport = 443 );ports;
sport != 443;ports;
sport >= 1024;ports;
peer.port in {1-100};ports;
sport = 443 and sport >= 1;ports;443
dst 10.0.0.9;ports;
sport = 0;ports;
sport = 443 and process = nginx;ports;443
dport = 22 or tcp.rtt > 1000;ports;
dport = 22 and tcp.rtt > 1000;ports;22
