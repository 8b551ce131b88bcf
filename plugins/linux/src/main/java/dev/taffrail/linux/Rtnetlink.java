package dev.taffrail.linux;

/** What netlink(7) and rtnetlink(7) are made of, under the kernel's own names. */
final class Rtnetlink {
  // From linux/netlink.h; see netlink(7).
  static final int NETLINK_ROUTE = 0;
  static final int NETLINK_NETFILTER = 12;
  static final int NLMSG_HDRLEN = 16;
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLM_F_REQUEST = 0x1;
  static final int NLM_F_ACK = 0x4;
  static final int NLM_F_DUMP_INTR = 0x10;
  static final int NLM_F_CAPPED = 0x100;
  static final int NLM_F_ACK_TLVS = 0x200;
  static final int NLM_F_EXCL = 0x200;
  static final int NLM_F_CREATE = 0x400;
  static final int NLM_F_DUMP = 0x300;
  static final int NLA_HDRLEN = 4;
  static final int NLA_TYPE_MASK = 0x3fff;
  static final int NLMSGERR_ATTR_MSG = 1;
  static final int SOL_NETLINK = 270;
  static final int NETLINK_CAP_ACK = 10;
  static final int NETLINK_EXT_ACK = 11;
  static final int NETLINK_GET_STRICT_CHK = 12;

  // From linux/rtnetlink.h; see rtnetlink(7).
  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_DELROUTE = 25;
  static final int RTM_GETROUTE = 26;
  static final int RTN_UNICAST = 1;
  static final int RTPROT_BOOT = 3;
  static final int RT_SCOPE_UNIVERSE = 0;
  static final int RT_SCOPE_LINK = 253;
  static final int RT_SCOPE_HOST = 254;
  static final int RT_SCOPE_NOWHERE = 255;
  static final int RT_TABLE_MAIN = 254;
  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_MULTIPATH = 9;
  static final int RTA_TABLE = 15;
  static final int RTEXT_FILTER_SKIP_STATS = 8;

  // From linux/if.h; see netdevice(7).
  static final int IFNAMSIZ = 16;
  static final int IFF_UP = 1;

  // From linux/if_link.h.
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINK = 5;
  static final int IFLA_MASTER = 10;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_GROUP = 27;
  static final int IFLA_NET_NS_FD = 28;
  static final int IFLA_EXT_MASK = 29;
  static final int IFLA_INFO_KIND = 1;
  static final int IFLA_INFO_DATA = 2;
  static final int IFLA_INFO_SLAVE_KIND = 4;
  static final int IFLA_INFO_SLAVE_DATA = 5;
  static final int IFLA_BR_STP_STATE = 5;
  static final int IFLA_BRPORT_MODE = 4;
  static final int IFLA_BRPORT_ISOLATED = 33;
  static final int IFLA_VLAN_ID = 1;
  static final int IFLA_MACVLAN_MODE = 1;
  static final int MACVLAN_MODE_PRIVATE = 1;
  static final int MACVLAN_MODE_VEPA = 2;
  static final int MACVLAN_MODE_BRIDGE = 4;
  static final int MACVLAN_MODE_PASSTHRU = 8;
  static final int IFLA_IPVLAN_MODE = 1;
  static final int IFLA_IPVLAN_FLAGS = 2;
  static final int IPVLAN_MODE_L2 = 0;
  static final int IPVLAN_MODE_L3 = 1;
  static final int IPVLAN_MODE_L3S = 2;
  static final int IPVLAN_F_PRIVATE = 1;
  static final int IPVLAN_F_VEPA = 2;

  // From linux/veth.h.
  static final int VETH_INFO_PEER = 1;

  // From linux/if_addr.h.
  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_BROADCAST = 4;
  static final int IFA_FLAGS = 8;
  static final int IFA_F_NODAD = 2;

  private Rtnetlink() {}
}
