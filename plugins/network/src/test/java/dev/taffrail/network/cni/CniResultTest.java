package dev.taffrail.network.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.Lease;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CniResultTest {
  private static CniResult result(String json) throws IOException {
    return new CniResult((ObjectNode) CniJson.MAPPER.readTree(json.replace('\'', '"')), "eth0");
  }

  @Test
  void aLeaseIsWhatTheContainersLinkHas() throws IOException {
    CniResult result =
        result(
            "{'cniVersion': '1.0.0', 'interfaces': [{'name': 'cni0', 'mac': '02:00:00:00:00:01'},"
                + " {'name': 'eth0', 'mac': '02:00:00:00:00:AA', 'sandbox': '/ns'}], 'ips':"
                + " [{'address': '10.9.0.1/24', 'interface': 0}, {'address': '10.1.0.5/16',"
                + " 'gateway': '10.1.0.1', 'interface': 1}, {'address': '10.1.0.6/16', 'interface':"
                + " 1}, {'address': 'fd00::5/64', 'interface': 1}], 'routes': [{'dst':"
                + " '10.8.0.0/16'}, {'dst': '0.0.0.0/0'}, {'dst': '::/0', 'gw': 'fd00::1'}],"
                + " 'dns': {'nameservers': ['10.1.0.53'], 'domain': 'sea.test', 'options':"
                + " ['ndots:2']}}");
    assertThat(result.lease())
        .isEqualTo(
            new Lease(
                Optional.of("02:00:00:00:00:aa"),
                Optional.of(IpPrefix.parse("10.1.0.5/16")),
                Optional.of(IpPrefix.parse("fd00::5/64")),
                Optional.of(IpText.parse("10.1.0.1")),
                Optional.of(IpText.parse("fd00::1")),
                List.of("10.1.0.53"),
                List.of("sea.test"),
                List.of("ndots:2")));
    assertThat(result.defaultRoute(false))
        .contains(new CniResult.DefaultRoute(Optional.of(IpText.parse("10.1.0.1"))));
    assertThat(result.defaultRoute(true))
        .contains(new CniResult.DefaultRoute(Optional.of(IpText.parse("fd00::1"))));
  }

  @Test
  void aResultOf031HasFamiliesBesideItsAddresses() throws IOException {
    CniResult result =
        result(
            "{'cniVersion': '0.3.1', 'ips': [{'version': '4', 'address': '10.1.0.5/16'}],"
                + " 'routes': [{'dst': '0.0.0.0/0'}]}");
    assertThat(result.lease().ipv4()).contains(IpPrefix.parse("10.1.0.5/16"));
    assertThat(result.lease().gateway4()).isEmpty();
    assertThat(result.lease().mac()).isEmpty();
    assertThat(result.defaultRoute(false)).contains(new CniResult.DefaultRoute(Optional.empty()));
    assertThat(result.defaultRoute(true)).isEmpty();
  }

  @Test
  void aLinkMayHaveNoAddresses() throws IOException {
    CniResult result =
        result(
            "{'cniVersion': '1.0.0', 'interfaces': [{'name': 'eth0', 'mac': '02:00:00:00:00:aa',"
                + " 'sandbox': '/ns'}], 'dns': {}}");
    assertThat(result.lease().ipv4()).isEmpty();
    assertThat(result.lease().mac()).contains("02:00:00:00:00:aa");
    assertThat(result.defaultRoute(false)).isEmpty();
  }
}
