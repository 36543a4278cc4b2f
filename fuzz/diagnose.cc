// What `why` reads of others: messages, lines of logs, files of refusals, heads of programs. Any bytes give
// an answer or an error.
#include "diagnose/kept.h"
#include "diagnose/log_line.h"
#include "diagnose/message.h"
#include "diagnose/program_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace whittle::diagnose;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)MeaningOfMessage(text, "runc");
  (void)MeaningOfMessage(text, "");
  (void)FailedCallIn(text);
  (void)AbiOfElf(text);
  (void)ReadKept(text, "input", "web");
  return 0;
}
