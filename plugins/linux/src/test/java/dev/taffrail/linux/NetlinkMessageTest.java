package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static dev.taffrail.linux.Rtnetlink.IFLA_IFNAME;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_DATA;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_KIND;
import static dev.taffrail.linux.Rtnetlink.IFLA_LINK;
import static dev.taffrail.linux.Rtnetlink.IFLA_LINKINFO;
import static dev.taffrail.linux.Rtnetlink.IFLA_VLAN_ID;
import static dev.taffrail.linux.Rtnetlink.RTM_NEWLINK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.error.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetlinkMessageTest {
  private static final int LINK_HEADERS = 32;

  private final NetlinkMessage vlan =
      new NetlinkMessage(RTM_NEWLINK, 0x605)
          .linkHeader(0, 0, 0)
          .int32(IFLA_LINK, 4)
          .text(IFLA_IFNAME, "b0.7")
          .attribute(
              IFLA_LINKINFO,
              info ->
                  info.text(IFLA_INFO_KIND, "vlan")
                      .attribute(IFLA_INFO_DATA, data -> data.int16(IFLA_VLAN_ID, 7)));

  /** As {@code ip link add link b0 name b0.7 type vlan id 7} sends it, but for a NUL. */
  @Test
  void aMessageIsWhatTheKernelReads() {
    assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "bytes in this order");
    ByteBuffer encoded = vlan.encode(1);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "50000000100005060100000000000000"
                + "00000000000000000000000000000000"
                + "0800050004000000"
                + "0900030062302e3700000000"
                + "1c001200"
                + "09000100766c616e00000000"
                + "0c000200"
                + "0600010007000000");
  }

  @Test
  void whatWasBuiltIsReadAgain() {
    NetlinkAttributes read =
        new NetlinkAttributes(vlan.encode(1).order(ByteOrder.nativeOrder()).position(LINK_HEADERS));
    assertThat(read.text(IFLA_IFNAME)).isEqualTo("b0.7");
    assertThat(read.int32(IFLA_LINK)).hasValue(4);
    NetlinkAttributes info = read.nested(IFLA_LINKINFO);
    assertThat(info.text(IFLA_INFO_KIND)).isEqualTo("vlan");
    assertThat(info.nested(IFLA_INFO_DATA).raw(IFLA_VLAN_ID)).hasSize(2);
    assertThat(info.nested(4711).text(1)).isEmpty();
    assertThat(read.address(IFLA_IFNAME)).isEmpty();
  }

  /** The second attribute says that it has no bytes, or more than there are. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 9, 65535})
  void attributesEndWhereTheyAreDamaged(int length) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
    bytes.putShort((short) 8).putShort((short) 1).putInt(7);
    bytes.putShort((short) length).putShort((short) 2).putInt(8);
    NetlinkAttributes read = new NetlinkAttributes(bytes.flip());
    assertThat(read.int32(1)).hasValue(7);
    assertThat(read.int32(2)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "02:42:ac:11:00", "02:42:ac:11:00:02:03", "02-42-ac-11-00-02", "x"})
  void hardwareAddressesHaveSixBytes(String text) {
    assertThat(kindOf(() -> MacText.parse(text))).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(MacText.of(MacText.parse("02:42:AC:11:00:02"))).isEqualTo("02:42:ac:11:00:02");
    assertThat(MacText.of(new byte[6])).isEmpty();
  }
}
