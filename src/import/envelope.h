// What logs put around each line on its way here: container engines' files (docker's json-file, CRI), `docker
// logs -t`, `kubectl logs --timestamps --prefix`, `docker compose logs`, syslog and the journal's short
// forms, `grep FILE`, colours. Not thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace whittle::import {

class Envelope {
 public:
  // What syslog says of a line's writer matters to some (`opens_syslog`: false): audit records of anybody but
  // the kernel and its daemon are not believed.
  explicit Envelope(bool opens_syslog) : opens_syslog_(opens_syslog) {}

  struct Inside {
    std::string_view line;
    bool is_cut = false;  // only its beginning: it is longer than any record
  };
  // The line inside, valid until the next call; nothing if its end is in one of the next lines (engines cut
  // long ones). A line without an envelope is its own content.
  std::optional<Inside> Open(std::string_view line);
  // What waits for an end that did not come.
  std::optional<Inside> End();

 private:
  bool OpenOne();
  void Keep();
  Inside Whole();

  const bool opens_syslog_;
  bool is_piece_ = false;
  std::string text_;
  std::string pieces_;
  bool is_cut_ = false;  // there were more of them than a line has place for
};

}  // namespace whittle::import
