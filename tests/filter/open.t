# What hidden owners could change: terms with an owner in sight that fits are settled, as are those that others decide.

process = sshd;open;est far lo53 six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
sport = 22 and process = sshd;open;
sport = 22 and process = nginx;open;ssh
sport = 40000 and process = ssh;open;
sport = 40000 and process != ssh;open;
sport = 40000 and process != nginx;open;est
sport = 53 and has process;open;lo53
sport = 53 and not has process;open;lo53
sport = 53 and process != nginx;open;lo53
sport = 53 and not (process = nginx or process = sshd);open;lo53
sport = 53 or process = nginx;open;ssh est six six9 any6 map path abs auto none n22 pall plo p0 nlk nlp nla
sport = 53 and (dport = 1 and process = nginx);open;
sport = 53 and (family = inet or process = nginx);open;
sport = 53 and process.pid > 1;open;lo53
state = time-wait;open;
