# Remakes ref/<name>.json from data/<name>.csv, and the two public data sets.
# Run in this folder: Rscript make_reference.R
# Made with R 4.2.2 and survival 3.5-3. ref/etm.json is not remade here: see README.md, section 2.
suppressPackageStartupMessages(library(survival))
PROBS <- c(.1, .25, .5, .75, .9, .95)
KINDS <- c("log", "log-log", "plain", "logit", "arcsin")

# ---- JSON: vectors are arrays, matrices are arrays of rows, NA is null, 15 significant digits ----
text <- function(x) if (is.character(x)) sprintf('"%s"', x) else ifelse(is.na(x), "null", sprintf("%.15g", x))
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste(sprintf('"%s":%s', names(x), sapply(x, json)), collapse = ","), "}"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ","), "]"))
  paste0("[", paste(text(x), collapse = ","), "]")
}

# ---- public data: closed days, at risk on day 0 ----
public <- list(
  lung = with(survival::lung, data.frame(id = seq_along(time), group = sex - 1L, ph = ph.ecog, age = age,
    first_day = 0L, last_day = as.integer(time), cause = status - 1L)),
  veteran = with(survival::veteran, data.frame(id = seq_along(time), group = trt - 1L,
    celltype = as.integer(celltype) - 1L, karno = karno, first_day = 0L, last_day = as.integer(time), cause = as.integer(status))))
for (n in names(public)) write.csv(public[[n]], file.path("data", paste0(n, ".csv")), row.names = FALSE)

kaplan_meier <- function(d) {
  s <- with(d, Surv(first_day - 1, last_day, cause > 0))
  f <- survfit(s ~ 1, data = d)
  out <- list(time = f$time, n_risk = f$n.risk, n_event = f$n.event, n_censor = f$n.censor, surv = f$surv,
    se = f$std.err * f$surv, cumhaz = f$cumhaz, se_cumhaz = f$std.chaz)
  for (kind in KINDS) {
    g <- survfit(s ~ 1, data = d, conf.type = kind)
    out[[paste0("lower_", kind)]] <- g$lower
    out[[paste0("upper_", kind)]] <- g$upper
  }
  out$quantiles <- list(p = PROBS, q = unname(quantile(f, probs = PROBS, conf.int = FALSE)))
  out
}

# standard errors are infinitesimal jackknife ones: the same as Greenwood's unless somebody enters late
aalen_johansen <- function(d) {
  state <- factor(d$cause, 0:max(d$cause), c("cens", paste0("c", seq_len(max(d$cause)))))
  late <- any(d$first_day > 0)
  s <- if (late) Surv(d$first_day - 1, d$last_day, state) else Surv(d$last_day, state)
  f <- if (late) survfit(s ~ 1, id = d$id) else survfit(s ~ 1)
  out <- list(time = f$time, n_risk = f$n.risk[, 1], n_event = f$n.event[, -1, drop = FALSE], pstate = f$pstate)
  if (!late) out <- c(out, list(se = f$std.err[, -1, drop = FALSE],
    lower_log = f$lower[, -1, drop = FALSE], upper_log = f$upper[, -1, drop = FALSE]))
  out
}

for (n in sub(".csv", "", list.files("data"), fixed = TRUE)) {
  d <- read.csv(file.path("data", paste0(n, ".csv")))
  parts <- list(all = d)
  if (n != "synth_main") parts <- c(parts, split(d, d$group))  # one group suffices there, and keeps the file small
  out <- list(km = lapply(parts, kaplan_meier))
  if (any(d$cause > 0)) out$aj <- lapply(parts, aalen_johansen)
  write(json(out), file.path("ref", paste0(n, ".json")))
}
