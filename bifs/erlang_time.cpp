// Time and unique numbers: monotonic_time, system_time, now, dates, make_ref, unique_integer.
#include <sys/time.h>
#include <time.h>

#include "vm/heap/builder.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

constexpr i64 kNsPerSecond = 1000000000;

// Parts of a second that the unit stands for; 0: no unit.
i64 unit_of(Term t) {
  if (t.is_small()) return t.small_value() > 0 ? t.small_value() : 0;
  if (t == am::native || t == am::nanosecond || t == am::nano_seconds) return kNsPerSecond;
  if (t == am::microsecond || t == am::micro_seconds) return 1000000;
  if (t == am::millisecond || t == am::milli_seconds) return 1000;
  if (t == am::second || t == am::seconds) return 1;
  if (t == am::perf_counter) return kNsPerSecond;
  return 0;
}

// Nanoseconds in another unit, rounded down.
i128 convert(i64 ns, i64 unit) {
  i128 product = static_cast<i128>(ns) * unit;
  i128 quotient = product / kNsPerSecond;
  if (product % kNsPerSecond < 0) quotient--;
  return quotient;
}

// As convert, for units of any size: a second may have more parts than a word can count.
BifResult in_big_unit(Process& p, i64 ns, Term& unit) {
  constexpr u64 kSlack = 8;
  u64 words = 4 * (kIntegerWords + kSlack) + 4 * integer_magnitude_bytes(unit) / kWordBytes;
  Builder b = p.reserve(words);
  Term product = integer_mul(b.integer(ns), unit, b);
  Term divisor = Term::small(kNsPerSecond);
  Term quotient = integer_div(product, divisor, b);
  if (ns < 0 && integer_rem(product, divisor, b) != Term::small(0)) {
    quotient = integer_sub(quotient, Term::small(1), b);
  }
  return quotient;
}

BifResult in_unit(Process& p, i64 ns, Term& unit_term) {
  if (unit_term.is_big() && !IntegerView(unit_term).negative()) return in_big_unit(p, ns, unit_term);
  i64 unit = unit_of(unit_term);
  if (unit == 0) return raise_badarg(p);
  i128 value = convert(ns, unit);
  if (value > INT64_MAX || value < INT64_MIN) return in_big_unit(p, ns, unit_term);
  Builder b = p.reserve(kIntegerWords);
  return b.integer(static_cast<i64>(value));
}

BifResult native(Process& p, i64 ns) {
  Builder b = p.reserve(kIntegerWords);
  return b.integer(ns);
}

BifResult timestamp(Process& p, i64 us) {
  Builder b = p.reserve(tuple_words(3));
  return b.tuple({Term::small(us / 1000000000000), Term::small(us / 1000000 % 1000000),
                  Term::small(us % 1000000)});
}


// ---- calendar ----

struct Date {
  i64 year, month, day, hour, minute, second;
};

bool is_leap(i64 y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }
i64 days_in_month(i64 y, i64 m) {
  constexpr i64 kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return m == 2 && is_leap(y) ? 29 : kDays[m - 1];
}
// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
i64 days_from_epoch(i64 y, i64 m, i64 d) {
  y -= m <= 2;
  i64 era = (y >= 0 ? y : y - 399) / 400;
  i64 year_of_era = y - era * 400;
  i64 day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  i64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}
Date date_from_seconds(i64 seconds) {
  i64 days = seconds / 86400;
  i64 rest = seconds % 86400;
  if (rest < 0) rest += 86400, days--;
  i64 z = days + 719468;
  i64 era = (z >= 0 ? z : z - 146096) / 146097;
  i64 day_of_era = z - era * 146097;
  i64 year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  i64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  i64 mp = (5 * day_of_year + 2) / 153;
  i64 month = mp < 10 ? mp + 3 : mp - 9;
  return {year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * mp + 2) / 5 + 1,
          rest / 3600, rest / 60 % 60, rest % 60};
}
i64 seconds_of(const Date& d) {
  return days_from_epoch(d.year, d.month, d.day) * 86400 + d.hour * 3600 + d.minute * 60 + d.second;
}

bool numbers(Term tuple, i64* a, i64* b, i64* c) {
  if (!is_tuple_of(tuple, 3)) return false;
  for (u64 i = 0; i < 3; i++) {
    if (!tuple_element(tuple, i).is_small()) return false;
  }
  *a = tuple_element(tuple, 0).small_value();
  *b = tuple_element(tuple, 1).small_value();
  *c = tuple_element(tuple, 2).small_value();
  return true;
}

bool parse_date_time(Term t, Date* d) {
  return is_tuple_of(t, 2) && numbers(tuple_element(t, 0), &d->year, &d->month, &d->day) &&
         numbers(tuple_element(t, 1), &d->hour, &d->minute, &d->second);
}

bool is_valid(const Date& d) {
  return d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= days_in_month(d.year, d.month) &&
         d.hour >= 0 && d.hour <= 23 && d.minute >= 0 && d.minute <= 59 && d.second >= 0 &&
         d.second <= 59 && d.year >= 1600 && d.year < INT32_MAX;
}
// What can be turned into another time zone's.
bool is_valid_here(const Date& d) { return is_valid(d) && d.year >= 1902; }

constexpr u64 kDateTimeWords = 2 * tuple_words(3) + tuple_words(2);

Term build_date(Builder& b, const Date& d) {
  return b.tuple({Term::small(d.year), Term::small(d.month), Term::small(d.day)});
}
Term build_time(Builder& b, const Date& d) {
  return b.tuple({Term::small(d.hour), Term::small(d.minute), Term::small(d.second)});
}
BifResult date_time(Process& p, const Date& d) {
  Builder b = p.reserve(kDateTimeWords);
  Term date = build_date(b, d);
  Term time = build_time(b, d);
  return b.tuple({date, time});
}

Date from_tm(const tm& t) {
  return {t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec};
}
Date local_now() {
  time_t now = time(nullptr);
  tm t;
  localtime_r(&now, &t);
  return from_tm(t);
}

}  // namespace

BifResult erlang_monotonic_time_0(Process& p, Term*) { return native(p, erlang_monotonic_ns()); }
BifResult erlang_monotonic_time_1(Process& p, Term* args) {
  return in_unit(p, erlang_monotonic_ns(), args[0]);
}
BifResult erlang_system_time_0(Process& p, Term*) { return native(p, erlang_system_ns()); }
BifResult erlang_system_time_1(Process& p, Term* args) {
  return in_unit(p, erlang_system_ns(), args[0]);
}
BifResult erlang_time_offset_0(Process& p, Term*) { return native(p, erlang_time_offset_ns()); }
BifResult erlang_time_offset_1(Process& p, Term* args) {
  return in_unit(p, erlang_time_offset_ns(), args[0]);
}
BifResult erlang_timestamp_0(Process& p, Term*) { return timestamp(p, erlang_system_ns() / 1000); }

// As timestamp/0, but each call gives a later time than any before.
BifResult erlang_now_0(Process& p, Term*) { return timestamp(p, clock_now_us()); }

BifResult os_system_time_0(Process& p, Term*) { return native(p, os_system_ns()); }
BifResult os_system_time_1(Process& p, Term* args) { return in_unit(p, os_system_ns(), args[0]); }
BifResult os_timestamp_0(Process& p, Term*) { return timestamp(p, os_system_ns() / 1000); }
BifResult os_perf_counter_0(Process& p, Term*) { return native(p, os_monotonic_ns()); }
BifResult erts_internal_perf_counter_unit_0(Process&, Term*) { return Term::small(kNsPerSecond); }
BifResult erts_internal_time_unit_0(Process&, Term*) { return Term::small(kNsPerSecond); }

// ---- dates ----

BifResult erlang_universaltime_0(Process& p, Term*) {
  return date_time(p, date_from_seconds(time(nullptr)));
}
BifResult erlang_localtime_0(Process& p, Term*) { return date_time(p, local_now()); }
BifResult erlang_date_0(Process& p, Term*) {
  Builder b = p.reserve(tuple_words(3));
  return build_date(b, local_now());
}
BifResult erlang_time_0(Process& p, Term*) {
  Builder b = p.reserve(tuple_words(3));
  return build_time(b, local_now());
}

// The flag says whether daylight saving is in force: true, false or undefined.
BifResult erlang_localtime_to_universaltime_2(Process& p, Term* args) {
  Date d;
  if (!parse_date_time(args[0], &d) || !is_valid_here(d)) return raise_badarg(p);
  int dst = args[1] == am::true_ ? 1 : args[1] == am::false_ ? 0 : -1;
  if (dst < 0 && args[1] != am::undefined) return raise_badarg(p);
  tm t = {};
  t.tm_year = static_cast<int>(d.year - 1900);
  t.tm_mon = static_cast<int>(d.month - 1);
  t.tm_mday = static_cast<int>(d.day);
  t.tm_hour = static_cast<int>(d.hour);
  t.tm_min = static_cast<int>(d.minute);
  t.tm_sec = static_cast<int>(d.second);
  t.tm_isdst = dst;
  t.tm_wday = -1;  // -1 may be the answer, but then mktime has set this
  time_t seconds = mktime(&t);
  if (seconds == -1 && t.tm_wday == -1) return raise_badarg(p);
  return date_time(p, date_from_seconds(seconds));
}

BifResult erlang_universaltime_to_localtime_1(Process& p, Term* args) {
  Date d;
  if (!parse_date_time(args[0], &d) || !is_valid_here(d)) return raise_badarg(p);
  time_t seconds = seconds_of(d);
  tm t;
  if (localtime_r(&seconds, &t) == nullptr) return raise_badarg(p);
  return date_time(p, from_tm(t));
}

BifResult erlang_universaltime_to_posixtime_1(Process& p, Term* args) {
  Date d;
  if (!parse_date_time(args[0], &d) || !is_valid(d)) return raise_badarg(p);
  return native(p, seconds_of(d));
}

BifResult erlang_posixtime_to_universaltime_1(Process& p, Term* args) {
  constexpr i64 kLimit = i64{1} << 41;  // some 70,000 years
  if (!args[0].is_small() || args[0].small_value() > kLimit || args[0].small_value() < -kLimit) {
    return raise_badarg(p);
  }
  return date_time(p, date_from_seconds(args[0].small_value()));
}

// ---- unique numbers ----

BifResult erlang_make_ref_0(Process& p, Term*) {
  Builder b = p.reserve(kRefWords);
  return b.reference(make_ref_numbers());
}

BifResult erlang_unique_integer_0(Process& p, Term*) {
  Builder b = p.reserve(kUniqueIntegerWords);
  return build_unique_integer(b, unique_next(), false);
}

BifResult erlang_unique_integer_1(Process& p, Term* args) {
  bool positive = false;
  bool monotonic = false;
  Term list = args[0];
  for (; list.is_list(); list = list.tail()) {
    if (list.head() == am::positive) positive = true;
    else if (list.head() == am::monotonic) monotonic = true;
    else return raise_badarg(p);
  }
  if (!list.is_nil()) return raise_badarg(p);
  Builder b = p.reserve(kUniqueIntegerWords);
  if (monotonic) return build_monotonic_integer(b, monotonic_next(), positive);
  return build_unique_integer(b, unique_next(), positive);
}

}  // namespace lintel
