# Remakes ref/<name>.json from data/<name>.csv, and the two public data sets.
# Run in this folder: Rscript make_reference.R
# Made with R 4.2.2, survival 3.5-3 and cmprsk 2.2-11. ref/etm.json is not remade here: see README.md, section 2.
suppressPackageStartupMessages({library(survival); library(cmprsk)})
HORIZONS <- c(14, 100, 182, 365, 730)
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

# ---- restricted means: only where every group is followed to the horizon, or has nobody left ----
restricted_mean <- function(d, horizon) {
  f <- survfit(Surv(first_day - 1, last_day, cause > 0) ~ 1, data = d)
  m <- survival:::survmean(f, rmean = horizon)$matrix
  list(horizon = horizon, reached = max(d$last_day) >= horizon || min(f$surv) == 0,
    mean = unname(m[grepl("^\\*?rmean$", names(m))]), se = unname(m[grepl("se\\(rmean\\)", names(m))]))
}

# ---- tests between groups ----
logrank <- function(d, group, status = d$cause > 0, strata = NULL, rho = 0) {
  y <- Surv(d$last_day, status)
  f <- if (is.null(strata)) survdiff(y ~ group, rho = rho) else survdiff(y ~ group + strata(strata), rho = rho)
  total <- function(x) unname(if (is.matrix(x)) rowSums(x) else x)
  k <- seq_along(total(f$obs)) - 1
  list(chisq = f$chisq, df = length(k) - 1, observed = total(f$obs), expected = total(f$exp), variance = unname(f$var),
    trend = sum(k * (total(f$obs) - total(f$exp)))^2 / as.numeric(t(k) %*% f$var %*% k))
}
gray <- function(d, group, strata, rho = 0) {
  z <- if (is.null(strata)) cuminc(d$last_day, d$cause, group, rho = rho) else cuminc(d$last_day, d$cause, group, strata, rho = rho)
  list(cause = as.integer(rownames(z$Tests)), chisq = unname(z$Tests[, "stat"]), df = unname(z$Tests[, "df"]))
}
compare <- function(d) {
  out <- list()
  if (any(d$first_day > 0)) {  # the score test of the exact partial likelihood is the log-rank test, late entry and all
    f <- coxph(Surv(first_day - 1, last_day, cause > 0) ~ group, data = d, ties = "exact")
    return(list(logrank_late = list(chisq = unname(f$score))))
  }
  out$logrank <- logrank(d, d$group)
  out$logrank_rho1 <- logrank(d, d$group, rho = 1)
  for (by in intersect(c("authority", "celltype"), names(d))) out[[paste0("logrank_by_", by)]] <- logrank(d, d[[by]])
  for (by in intersect(c("under3", "authority"), names(d))) out[[paste0("logrank_strata_", by)]] <- logrank(d, d$group, strata = d[[by]])
  if (max(d$cause) == 1) return(out)
  for (j in seq_len(max(d$cause))) out[[paste0("logrank_outcome_", j)]] <- logrank(d, d$group, status = d$cause == j)
  for (rho in 0:1) {
    out[[paste0("gray_rho", rho)]] <- gray(d, d$group, NULL, rho)
    if ("authority" %in% names(d)) out[[paste0("gray_by_authority_rho", rho)]] <- gray(d, d$authority, NULL, rho)
    for (by in intersect(c("under3", "authority"), names(d))) out[[paste0("gray_strata_", by, "_rho", rho)]] <- gray(d, d$group, d[[by]], rho)
  }
  out
}

# ---- regression ----
regression <- function(d, right) {
  out <- list()
  for (ties in c("efron", "breslow")) {
    y <- if (any(d$first_day > 0)) Surv(d$first_day - 1, d$last_day, d$cause > 0) else Surv(d$last_day, d$cause > 0)
    f <- coxph(reformulate(right, "y"), data = d, ties = ties, control = coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 50))
    out[[ties]] <- list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f)))), loglik = f$loglik, score = unname(f$score))
    if (ties == "efron") for (transform in c("km", "identity", "rank")) {
      z <- cox.zph(f, transform = transform)$table
      out$proportional[[transform]] <- list(chisq = unname(z[, 1]), df = unname(z[, 2]))
    }
  }
  out
}
models <- function(n, d) {
  out <- list(group = "group")
  if ("under3" %in% names(d)) out <- c(out, list(three = c("group", "under3", "authority"), stratified = c("group", "strata(under3)"),
    levels = c("group", "factor(authority)")))
  if (n == "veteran") out$several <- c("group", "factor(celltype)", "karno")
  if (n == "lung") out$several <- c("group", "ph", "age")
  out
}

# ---- stages: shares from survfit; Greenwood-type variances from the matrices of Andersen et al. (1993), IV.4.1.3 ----
stages <- function(d) {
  size <- 6
  y <- with(d, Surv(first_day - 1, last_day, factor(next_stage, 0:size, c("cens", paste0("s", 1:size)))))
  f <- survfit(y ~ 1, id = d$id, istate = factor(paste0("s", d$stage), paste0("s", 1:size)))
  order <- match(paste0("s", 1:size), f$states)
  days <- 0:max(d$last_day)
  p <- c(1, rep(0, size - 1))
  spread <- matrix(0, size^2, size^2)
  product <- diag(size)
  shares <- variances <- matrix(0, length(days), size)
  for (t in days) {
    here <- d$first_day <= t & t <= d$last_day
    step <- diag(size)
    fresh <- matrix(0, size^2, size^2)
    for (h in 1:size) if (any(here & d$stage == h)) {
      n <- sum(here & d$stage == h)
      q <- tabulate(d$next_stage[here & d$stage == h & d$last_day == t], size) / n
      step[h, ] <- step[h, ] * (1 - sum(q)) + q
      cells <- h + size * (0:(size - 1))  # row h of the step, in the order of vec()
      fresh[cells, cells] <- (diag(step[h, ]) - outer(step[h, ], step[h, ])) / n
    }
    carry <- kronecker(t(step), diag(size))
    spread <- carry %*% spread %*% t(carry) + kronecker(diag(size), product) %*% fresh %*% t(kronecker(diag(size), product))
    product <- product %*% step
    shares[t + 1, ] <- product[1, ]
    variances[t + 1, ] <- diag(spread)[1 + size * (0:(size - 1))]
  }
  list(time = f$time, pstate = f$pstate[, order], se_ij = f$std.err[, order], day = days, share = shares, variance = variances)
}

for (n in sub(".csv", "", list.files("data"), fixed = TRUE)) {
  d <- read.csv(file.path("data", paste0(n, ".csv")))
  if (n == "synth_stages") {
    out <- stages(d)
  } else {
    parts <- list(all = d)
    if (n != "synth_main") parts <- c(parts, split(d, d$group))  # one group suffices there, and keeps the file small
    out <- list()
    if (n != "synth_3group") {  # a part of synth_main: for comparisons only
      out$km <- lapply(parts, kaplan_meier)
      if (any(d$cause > 0)) out$aj <- lapply(parts, aalen_johansen)
    }
    means <- c(list(all = d), split(d, d$group))
    out$means <- lapply(means, function(part) lapply(setNames(HORIZONS, HORIZONS), restricted_mean, d = part))
    if (length(unique(d$group)) > 1) {
      out$compare <- compare(d)
      out$cox <- lapply(models(n, d), function(right) regression(na.omit(d), right))
    }
  }
  write(json(out), file.path("ref", paste0(n, ".json")))
}
