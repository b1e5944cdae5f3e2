// Byte queues and I/O lists, as ports and NIFs use them.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "vm/heap/fragment.h"
#include "vm/io/io_queue.h"
#include "vm/io/iolist.h"

namespace lintel {
namespace {

std::string text_of(IoQueue& q) {
  std::string s;
  for (int i = 0; i < q.slice_count(); i++) {
    s.append(static_cast<const char*>(q.slices()[i].iov_base), q.slices()[i].iov_len);
  }
  return s;
}

TEST(IoQueue, KeepsOrderAtBothEnds) {
  IoQueue q;
  std::string expected;
  for (int i = 0; i < 100; i++) {
    std::string s = std::to_string(i) + ",";
    if (i % 3 == 0) {
      q.push_front_copy(s.data(), s.size());
      expected = s + expected;
    } else {
      q.push_back_copy(s.data(), s.size());
      expected += s;
    }
    if (i % 5 == 0) {
      q.drop(2);
      expected.erase(0, 2);
    }
    ASSERT_EQ(text_of(q), expected);
    ASSERT_EQ(q.byte_count(), expected.size());
  }
  q.drop(q.byte_count());
  EXPECT_EQ(q.slice_count(), 0);
}

TEST(IoQueue, HoldsAndReleasesItsOwners) {
  BinaryData* d = binary_data_new(10);
  {
    IoQueue q;
    binary_data_retain(d);
    q.push_back(d, d->bytes + 2, 5);
    binary_data_retain(d);
    q.push_back(d, d->bytes, 0);  // nothing to keep
    EXPECT_EQ(d->refs.load(), 2u);
    q.drop(5);
    EXPECT_EQ(d->refs.load(), 1u);
    binary_data_retain(d);
    q.push_front(d, d->bytes, 1);
  }
  EXPECT_EQ(d->refs.load(), 1u);
  binary_data_release(d);
}

class IoList : public ::testing::Test {
 protected:
  void SetUp() override { fragment_ = fragment_new(1000); }
  void TearDown() override { fragments_free(fragment_); }
  Builder builder() { return fragment_->builder(); }
  static std::string flat(Term t) {
    IoListShape shape;
    EXPECT_TRUE(iolist_measure(t, SIZE_MAX, &shape));
    std::string s(shape.copied, '\0');
    iolist_copy(t, reinterpret_cast<u8*>(s.data()));
    return s;
  }
  Fragment* fragment_;
};

TEST_F(IoList, FlattensNestedAndImproper) {
  Builder b = builder();
  Term inner = b.cons(Term::small('b'), b.binary("cd", 2));  // improper: ends in a binary
  Term list = b.cons(Term::small('a'), b.cons(inner, b.cons(Term::nil(), b.cons(b.binary("e", 1), Term::nil()))));
  EXPECT_EQ(flat(list), "abcde");
}

TEST_F(IoList, RefusesWhatIsNone) {
  Builder b = builder();
  IoListShape shape;
  EXPECT_FALSE(iolist_measure(Term::small(1), SIZE_MAX, &shape));
  EXPECT_FALSE(iolist_measure(b.cons(Term::small(256), Term::nil()), SIZE_MAX, &shape));
  EXPECT_FALSE(iolist_measure(b.cons(Term::small(-1), Term::nil()), SIZE_MAX, &shape));
  EXPECT_FALSE(iolist_measure(b.cons(Term::small(1), Term::small(2)), SIZE_MAX, &shape));
}

TEST_F(IoList, SharesLargeBinariesAndGathersTheRest) {
  Builder b = builder();
  std::string large(500, 'L');
  Term big = b.binary(large.data(), large.size());
  Term odd = b.sub_binary(big, 8, 100 * 8);   // byte aligned: shared
  Term bits = b.sub_binary(big, 3, 100 * 8);  // not: copied
  Term list = b.cons(Term::small('x'),
                     b.cons(big, b.cons(odd, b.cons(bits, b.cons(b.binary("yz", 2), Term::nil())))));
  IoListShape shape;
  ASSERT_TRUE(iolist_measure(list, kMaxHeapBinary, &shape));
  EXPECT_EQ(shape.shared, 600u);
  EXPECT_EQ(shape.copied, 103u);
  EXPECT_EQ(shape.slices, 4u);
  SysIOVec slices[4];
  ErlDrvBinary* owners[4];
  BinaryData* gathered = binary_data_new(shape.copied);
  int count = iolist_slice(list, kMaxHeapBinary, {slices, owners, gathered});
  ASSERT_EQ(count, 4);
  std::string all;
  for (int i = 0; i < count; i++) all.append(static_cast<const char*>(slices[i].iov_base), slices[i].iov_len);
  EXPECT_EQ(all, flat(list));
  EXPECT_EQ(binary_of_driver(owners[1]), view<RefcBinary>(big)->data);
  EXPECT_EQ(owners[1]->orig_bytes, reinterpret_cast<char*>(view<RefcBinary>(big)->data->bytes));
  binary_data_release(gathered);
}

}  // namespace
}  // namespace lintel
