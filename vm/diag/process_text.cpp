#include "vm/diag/process_text.h"

#include <cstdio>

#include "vm/code/backend.h"
#include "vm/code/module.h"
#include "vm/term/atom.h"
#include "vm/term/print.h"

namespace lintel {

namespace {

std::string mfa_text(Term module, Term function, u32 arity) {
  return term_text(module) + ":" + term_text(function) + "/" + std::to_string(arity);
}

std::string address_text(const Word* pc, const Word* shown) {
  char hex[32];
  std::snprintf(hex, sizeof hex, "%#018lx", reinterpret_cast<unsigned long>(shown));
  CodePosition at;
  if (!code_find(pc, &at)) return std::string(hex) + " (<terminate process normally>)";
  return std::string(hex) + " (" + mfa_text(at.module->name, at.function, at.arity) + " + " +
         std::to_string((shown - at.info) * static_cast<i64>(kWordBytes)) + ")";
}

}  // namespace

std::string process_text(const Process& p) {
  std::string out = "=proc:" + term_text(p.id) + "\nState: Running\n";
  Term name = p.registered_name.load(std::memory_order_relaxed);
  if (!name.is_nil()) out += "Name: " + term_text(name) + "\n";
  out += "Spawned as: " +
         mfa_text(p.initial_mfa[0], p.initial_mfa[1], static_cast<u32>(p.initial_mfa[2].small_value())) + "\n";
  out += "Spawned by: " + (p.parent == am::undefined ? std::string("[]") : term_text(p.parent)) + "\n";
  out += "Message queue length: " + std::to_string(p.mailbox.length) + "\n";
  out += "Reductions: " + std::to_string(p.reds_total) + "\n";
  out += "Stack+heap: " + std::to_string(p.end - p.start) + "\n";
  out += "OldHeap: " + std::to_string(p.old_end - p.old_start) + "\n";
  out += "Heap unused: " + std::to_string(p.free_words()) + "\n";
  out += "Program counter: " + address_text(p.pc, p.pc) + "\narity = 0\n";
  u32 y = 0;
  for (const Term* s = p.sp; s < p.end; s++) {
    char line[64];
    if (s->is_return_address()) {
      const Word* to = s->return_address();
      if (is_trace_return(to)) {
        s += kTraceFrameSlots[trace_return_kind(to)];
        continue;
      }
      std::snprintf(line, sizeof line, "\n%#018lx Return addr ", reinterpret_cast<unsigned long>(s));
      out += line + address_text(to - 1, to) + "\n";
      y = 0;
    } else if (s->is_catch()) {
      const auto* to = reinterpret_cast<const Word*>(s->catch_index());
      std::snprintf(line, sizeof line, "y(%u)     Catch ", y++);
      out += line + address_text(to, to) + "\n";
    } else {
      std::snprintf(line, sizeof line, "y(%u)     ", y++);
      out += line + term_text(*s, 1000) + "\n";
    }
  }
  return out;
}

}  // namespace lintel
