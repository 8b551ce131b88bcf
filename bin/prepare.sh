# Sourced by quickstart and test: installs what is missing on Debian, and makes cgroups fit for crun.

say() { printf '%s\n' "$*" >&2; }

# need COMMAND PACKAGE...: installs the packages when the command is missing.
need() {
  command=$1
  shift
  command -v "$command" >/dev/null 2>&1 || missing="$missing $*"
}

# need_file FILE PACKAGE...: the same for what has no command.
need_file() {
  file=$1
  shift
  [ -e "$file" ] || missing="$missing $*"
}

install_missing() {
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    say "Missing packages, and not root to install them:$missing"
    exit 1
  fi
  say "Installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  if ! apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
    apt-get update -qq >/dev/null
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
  fi
}

prepare() {
  missing=
  # A JRE is not enough to build.
  need javac openjdk-17-jdk-headless
  need mvn maven
  need crun crun
  need conmon conmon
  need busybox busybox-static
  need ip iproute2
  # With it comes libnftables1, which the daemon needs; nft itself only tests do.
  need nft nftables
  # What CNI networks are tested with; portmap calls iptables.
  need /usr/lib/cni/host-local containernetworking-plugins
  need iptables iptables
  need docker docker.io
  need curl curl
  need mkfs.ext4 e2fsprogs
  need /usr/bin/python3 python3
  need_file /usr/lib/python3/dist-packages/docker python3-docker
  install_missing
  mount_hugetlb
}

# crun refuses a hybrid host, cgroup v1 with controllers left in the v2 hierarchy, while hugetlb is
# one of those.
mount_hugetlb() {
  [ -d /sys/fs/cgroup/unified ] || return 0
  mountpoint -q /sys/fs/cgroup/hugetlb && return 0
  grep -q '^hugetlb' /proc/cgroups || return 0
  say "Hybrid cgroups: mounting hugetlb as a v1 hierarchy on /sys/fs/cgroup/hugetlb, for crun"
  mkdir -p /sys/fs/cgroup/hugetlb && mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb
}
