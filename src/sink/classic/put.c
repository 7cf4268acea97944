/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The writers of tokens that any family may have, and of TCP's. */

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "sink/classic/tok.h"

void put_num(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_u64(t, v);
}

void put_int(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_i64(t, (int32_t)v);
}

void put_hex(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_hex(t, v);
}

/* printf's %#x: 0 has no prefix. */
void put_alt(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	if (v)
		text_str(t, "0x");
	text_hex(t, v);
}

void put_ms(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_g_milli(t, v);
}

void put_word(struct classic *, struct text *, const struct row *, uint64_t)
{
}

/* Unless one has just begun. */
void put_line(struct classic *c, struct text *t, const struct row *, uint64_t)
{
	if (t->len && !t->failed && t->p[t->len - 1] != '\t')
		classic_break(c, t);
}

void put_rate(struct classic *c, struct text *t, const struct row *, uint64_t v)
{
	classic_rate(c, t, (double)v * 8);
	text_str(t, "bps");
}

static void put_field_string(struct text *t, const struct row *row, enum field_id f)
{
	struct val v;

	if (field_get_sent(row, f, &v))
		utf8_put_safe(t, sv_fixed(v.s.p, v.s.len), "");
}

void put_string(struct classic *, struct text *t, const struct row *row, uint64_t)
{
	put_field_string(t, row, F_ULP);
}

/* " NAME:123" */
static void put_pair(struct text *t, const char *name, uint64_t v)
{
	text_str(t, name);
	text_u64(t, v);
}

/* Time in ms: minutes alone hide the rest above nine, seconds hide the fraction above nine. */
static void put_time(struct text *t, uint64_t ms)
{
	uint64_t min = ms / 60000, sec = ms / 1000 % 60, rest = ms % 1000;

	if (min) {
		text_u64(t, min);
		text_str(t, "min");
		rest = 0;
		if (min > 9)
			return;
	}
	if (sec) {
		text_u64(t, sec);
		if (rest && sec <= 9)
			text_printf(t, ".%03u", (unsigned int)rest);
		text_str(t, "sec");
	} else if (rest) {
		text_printf(t, "%03ums", (unsigned int)rest);
	}
}

void put_timer(struct classic *, struct text *t, const struct row *row, uint64_t code)
{
	static const char *const names[] = { "", "on", "keepalive", "timewait", "persist", "delack" };

	if (!code)
		return;
	text_str(t, " timer:(");
	if (field_u64(row, F_PROTOCOL, 0) == IPPROTO_SCTP)
		text_str(t, "T3_RTX");
	else
		text_str(t, code < ARRAY_SIZE(names) ? names[code] : "unknown");
	text_char(t, ',');
	put_time(t, field_u64(row, F_EXPIRES, 0));
	put_pair(t, ",", field_u64(row, F_RETRANS, 0));
	text_char(t, ')');
}

void put_cookie(struct classic *, struct text *t, const struct row *row, uint64_t v)
{
	struct val known;

	if (!field_get_sent(row, F_PROC_SK, &known) && !field_get_sent(row, F_COOKIE, &known))
		return;
	text_str(t, " sk:");
	text_hex(t, field_u64(row, F_PROC_SK, v));
}

void put_cgroup(struct classic *c, struct text *t, const struct row *, uint64_t id)
{
	struct text path = {};

	if (c->o.names->cgroup(c->o.names->ctx, &path, id)) {
		text_str(t, " cgroup:");
		utf8_put_safe(t, sv_n(path.p, path.len), "");
	} else if (!path.failed) {
		text_str(t, " cgroup:unreachable:");
		text_hex(t, id);
	}
	if (path.failed)
		text_fail(t);
	text_done(&path);
}

void put_v6only(struct classic *, struct text *t, const struct row *row, uint64_t v)
{
	if (field_u64(row, F_FAMILY, 0) == AF_INET6)
		put_pair(t, " v6only:", v);
}

void put_arrows(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_put(t, v & 1 ? " -" : " <", 2);
	text_put(t, v & 2 ? "--" : "->", 2);
}

void put_sockopt(struct classic *c, struct text *t, const struct row *, uint64_t v)
{
	static const char *const names[] = {
		" recverr",           " is_icsk",         " freebind",      " hdrincl",
		" mc_loop",           " transparent",     " mc_all",        " nodefrag",
		" bind_addr_no_port", " recverr_rfc4884", " defer_connect",
	};

	classic_break_blank(c, t);
	text_str(t, "inet-sockopt: (");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (v >> i & 1)
			text_str(t, names[i]);
	text_char(t, ')');
}

void put_skmem(struct classic *, struct text *t, const struct row *row, uint64_t v)
{
	if (!row_has(row, SEG_SKMEM)) {
		put_pair(t, " mem:(r", v);
		put_pair(t, ",w", field_u64(row, F_MEM_WMEM, 0));
		put_pair(t, ",f", field_u64(row, F_MEM_FWD, 0));
		put_pair(t, ",t", field_u64(row, F_MEM_TMEM, 0));
		text_char(t, ')');
		return;
	}
	if (!field_find_loc(row, F_MEM_OPT)) /* /proc tells a part, which has no form here */
		return;
	put_pair(t, " skmem:(r", v);
	put_pair(t, ",rb", field_u64(row, F_MEM_RCVBUF, 0));
	put_pair(t, ",t", field_u64(row, F_MEM_TMEM, 0));
	put_pair(t, ",tb", field_u64(row, F_MEM_SNDBUF, 0));
	put_pair(t, ",f", field_u64(row, F_MEM_FWD, 0));
	put_pair(t, ",w", field_u64(row, F_MEM_WMEM, 0));
	put_pair(t, ",o", field_u64(row, F_MEM_OPT, 0));
	if (field_find_loc(row, F_MEM_BACKLOG))
		put_pair(t, ",bl", field_u64(row, F_MEM_BACKLOG, 0));
	if (field_find_loc(row, F_MEM_DROPS))
		put_pair(t, ",d", field_u64(row, F_MEM_DROPS, 0));
	text_char(t, ')');
}

void put_cong(struct classic *, struct text *t, const struct row *row, uint64_t)
{
	struct val v;

	if (!field_get_sent(row, F_TCP_CONG, &v) || !v.s.len || !v.s.p[0])
		return;
	text_char(t, ' ');
	put_field_string(t, row, F_TCP_CONG);
}

void put_wscale(struct classic *, struct text *t, const struct row *row, uint64_t options)
{
	if (!(options & K_TCPI_OPT_WSCALE))
		return;
	put_pair(t, " wscale:", field_u64(row, F_TCP_SND_WSCALE, 0));
	put_pair(t, ",", field_u64(row, F_TCP_RCV_WSCALE, 0));
}

void put_rtt(struct classic *, struct text *t, const struct row *row, uint64_t rtt)
{
	if (!rtt)
		return;
	text_str(t, " rtt:");
	text_g_milli(t, rtt);
	text_char(t, '/');
	text_g_milli(t, field_u64(row, F_TCP_RTTVAR, 0));
}

void put_dctcp(struct classic *, struct text *t, const struct row *row, uint64_t is_enabled)
{
	if (!is_enabled) {
		text_str(t, " dctcp:fallback_mode");
		return;
	}
	put_pair(t, " dctcp:(ce_state:", field_u64(row, F_DCTCP_CE_STATE, 0));
	put_pair(t, ",alpha:", field_u64(row, F_DCTCP_ALPHA, 0));
	put_pair(t, ",ab_ecn:", field_u64(row, F_DCTCP_AB_ECN, 0));
	put_pair(t, ",ab_tot:", field_u64(row, F_DCTCP_AB_TOT, 0));
	text_char(t, ')');
}

/* printf's %g of a gain that the kernel counts in 256ths. */
static void put_gain(struct text *t, const char *name, uint64_t gain)
{
	if (!gain)
		return;
	text_str(t, name);
	text_g(t, (double)gain / 256, 6);
}

void put_bbr(struct classic *c, struct text *t, const struct row *row, uint64_t bw_lo)
{
	uint64_t bw = field_u64(row, F_BBR_BW_HI, 0) << 32 | bw_lo;

	text_str(t, " bbr:(bw:");
	put_rate(c, t, row, bw);
	text_str(t, ",mrtt:");
	text_g_milli(t, field_u64(row, F_BBR_MIN_RTT, 0));
	put_gain(t, ",pacing_gain:", field_u64(row, F_BBR_PACING_GAIN, 0));
	put_gain(t, ",cwnd_gain:", field_u64(row, F_BBR_CWND_GAIN, 0));
	text_char(t, ')');
}

/* What the congestion window allows in a round trip. */
void put_send(struct classic *c, struct text *t, const struct row *row, uint64_t rtt)
{
	uint64_t cwnd = field_u64(row, F_TCP_CWND, 0), mss = field_u64(row, F_TCP_MSS, 0);
	struct val vegas;

	if (field_u64(row, F_VEGAS_ENABLED, 0) && field_get_sent(row, F_VEGAS_RTT, &vegas) && vegas.u)
		rtt = vegas.u;
	if (!rtt || !cwnd || !mss)
		return;
	text_str(t, " send ");
	classic_rate(c, t, (double)cwnd * (double)mss * 8000000. / (double)rtt);
	text_str(t, "bps");
}

void put_pacing(struct classic *c, struct text *t, const struct row *row, uint64_t v)
{
	struct val max;

	put_rate(c, t, row, v);
	if (!field_get_sent(row, F_TCP_MAX_PACING_RATE, &max) || !max.u)
		return;
	text_char(t, '/');
	put_rate(c, t, row, max.u);
}

static void put_limited(struct text *t, const char *name, uint64_t us, uint64_t busy_us)
{
	if (!us)
		return;
	put_pair(t, name, us / 1000);
	text_printf(t, "ms(%.1f%%)", 100.0 * (double)us / (double)busy_us);
}

void put_busy(struct classic *, struct text *t, const struct row *row, uint64_t busy_us)
{
	text_u64(t, busy_us / 1000);
	text_str(t, "ms");
	put_limited(t, " rwnd_limited:", field_u64(row, F_TCP_RWND_LIMITED, 0), busy_us);
	put_limited(t, " sndbuf_limited:", field_u64(row, F_TCP_SNDBUF_LIMITED, 0), busy_us);
}

void put_retrans(struct classic *, struct text *t, const struct row *row, uint64_t now)
{
	uint64_t total = field_u64(row, F_TCP_TOTAL_RETRANS, 0);

	if (!now && !total)
		return;
	put_pair(t, " retrans:", now);
	put_pair(t, "/", total);
}

void put_sacked(struct classic *, struct text *t, const struct row *row, uint64_t v)
{
	if (v && field_u64(row, F_STATE, 0) != K_TCP_LISTEN)
		put_pair(t, " sacked:", v);
}

void put_md5keys(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	struct sv all = row_bytes(row, SEG_MD5SIG);
	struct k_tcp_diag_md5sig key;
	const char *before = " md5keys:";

	for (; all.len >= sizeof(key); all = sv_from(all, sizeof(key)), before = ",") {
		memcpy(&key, all.p, sizeof(key));
		text_str(t, before);
		classic_addr(c, t, sv_n(key.tcpm_addr, key.tcpm_family == AF_INET6 ? 16 : 4));
		put_pair(t, "/", key.tcpm_prefixlen);
		text_char(t, '=');
		for (size_t i = 0; i < key.tcpm_keylen && i < sizeof(key.tcpm_key); i++) {
			uint8_t b = key.tcpm_key[i];

			if (b > ' ' && b < 0x7f && b != '\\' && b != ',')
				text_char(t, (char)b);
			else
				text_printf(t, "\\%03o", b);
		}
	}
}

void put_tls_version(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	if (v == 0x303 || v == 0x304)
		text_str(t, v == 0x303 ? "1.2" : "1.3");
	else
		text_printf(t, "unknown(%u)", (unsigned int)v);
}

void put_tls_cipher(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	if (v == 51 || v == 52)
		text_str(t, v == 51 ? " cipher: aes-gcm-128" : " cipher: aes-gcm-256");
}

void put_tls_conf(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	static const char *const names[] = { NULL, "none", "sw", "hw", "hw-record" };

	if (v && v < ARRAY_SIZE(names))
		text_str(t, names[v]);
	else
		text_printf(t, "unknown(%u)", (unsigned int)v);
}

void put_subflow_flags(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	static const char letters[] = "MmJjBbecv";

	for (unsigned int i = 0; i < sizeof(letters) - 1; i++)
		if (v >> i & 1)
			text_char(t, letters[i]);
}

void put_subflow_token(struct classic *, struct text *t, const struct row *row, uint64_t remote)
{
	if (!field_find_loc(row, F_SF_TOKEN_LOC) || !field_find_loc(row, F_SF_ID_REM) ||
	    !field_find_loc(row, F_SF_ID_LOC))
		return;
	text_printf(t, " token:%04x(id:%u)/%04x(id:%u)", (unsigned int)remote,
		    (unsigned int)field_u64(row, F_SF_ID_REM, 0),
		    (unsigned int)field_u64(row, F_SF_TOKEN_LOC, 0),
		    (unsigned int)field_u64(row, F_SF_ID_LOC, 0));
}

void put_rest(struct classic *, struct text *t, const struct row *row, uint64_t len)
{
	if (!len)
		return;
	text_str(t, " opt:\"");
	put_field_string(t, row, F_PROC_REST);
	text_char(t, '"');
}

void put_qack(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	if (v / 2)
		put_pair(t, " qack:", v / 2);
	if (v & 1)
		text_str(t, " bidir");
}
