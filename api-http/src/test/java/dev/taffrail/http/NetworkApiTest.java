package dev.taffrail.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.PortRequest;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Networks in Docker's API: themselves, and what containers have of them. */
@Timeout(60)
class NetworkApiTest {
  @TempDir Path directory;
  private Daemon daemon;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    daemon = new Daemon(directory);
    client = daemon.client();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    daemon.close();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private static String quoted(String text) {
    return text.replace('\'', '"');
  }

  private String post(String path, String body) throws IOException {
    Client.Answer answer = client.ask("POST", path, quoted(body));
    assertThat(answer.status()).as(answer.body()).isBetween(200, 204);
    return answer.body().isEmpty() ? "" : answer.json().path("Id").asText();
  }

  private void refused(String method, String path, String body, int status, String message)
      throws IOException {
    Client.Answer answer = client.ask(method, path, quoted(body));
    assertThat(answer.message()).isEqualTo(message);
    assertThat(answer.status()).as(message).isEqualTo(status);
  }

  private String container(String body) throws IOException {
    return post("/containers/create", "{'Image':'busybox','Cmd':['wait'],'Hostname':'h'," + body);
  }

  private JsonNode inspect(String path) throws IOException {
    Client.Answer answer = client.get(path);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private List<String> names(String query) throws IOException {
    return inspect("/networks?" + query).findValuesAsText("Name");
  }

  private List<String> filtered(String filter) throws IOException {
    return names("filters=" + encode(quoted(filter)));
  }

  @Test
  void networksAreListedByNameAndFiltered() throws Exception {
    String id = post("/networks/create", "{'Name':'back','Labels':{'a':'b'},'Internal':true}");
    post("/networks/create", "{'Name':'lan','Driver':'macvlan'}");
    post("/networks/back/connect", "{'Container':'" + running("'HostConfig':{}}") + "'}");
    assertThat(names("")).containsExactly("back", "bridge", "host", "lan", "none");
    assertThat(filtered("{'driver':['bridge','null']}")).containsExactly("back", "bridge", "none");
    assertThat(filtered("{'id':['" + id.substring(10, 40) + "']}")).containsExactly("back");
    assertThat(filtered("{'name':['^l']}")).containsExactly("lan");
    assertThat(filtered("{'label':['a=b']}")).containsExactly("back");
    assertThat(filtered("{'label':['a=c']}")).isEmpty();
    assertThat(filtered("{'scope':['swarm']}")).isEmpty();
    assertThat(filtered("{'type':['custom']}")).containsExactly("back", "lan");
    assertThat(filtered("{'type':['builtin']}")).containsExactly("bridge", "host", "none");
    assertThat(filtered("{'dangling':['true']}")).containsExactly("lan");
    assertThat(filtered("{'dangling':['0']}")).containsExactly("back", "bridge", "host", "none");
    refused("GET", "/networks?filters=" + encode("{\"x\":[\"y\"]}"), "", 400, "invalid filter 'x'");
    refused(
        "GET",
        "/networks?filters=" + encode("{\"type\":[\"y\"]}"),
        "",
        400,
        "invalid filter: 'type'='y'");
    refused(
        "GET",
        "/networks?filters=" + encode("{\"dangling\":[\"y\"]}"),
        "",
        400,
        "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or"
            + " \"0\")");
    JsonNode now = inspect("/v1.28/networks?filters=" + encode("{\"name\":[\"back\"]}"));
    assertThat(now.at("/0/Containers")).isEmpty();
    JsonNode before = inspect("/v1.27/networks?filters=" + encode("{\"name\":[\"back\"]}"));
    assertThat(before.at("/0/Containers")).hasSize(1);
  }

  private String running(String body) throws IOException {
    String id = container(body);
    post("/containers/" + id + "/start", "");
    return id;
  }

  @Test
  void aNetworkIsInspectedWithWhoIsOnIt() throws Exception {
    String id =
        post(
            "/networks/create",
            """
            {'Name':'back','EnableIPv6':true,'Attachable':true,'Options':{'o':'p'},
             'IPAM':{'Driver':'default','Options':{'x':'y'},'Config':[
               {'Subnet':'10.7.0.0/16','IPRange':'10.7.1.0/24','Gateway':'10.7.0.254',
                'AuxiliaryAddresses':{'router':'10.7.1.5'}},{'Subnet':'fd00:0:0:7::/64'}]}}
            """);
    String member =
        running(
            "'HostConfig':{'NetworkMode':'back'},'NetworkingConfig':{'EndpointsConfig':{'back':"
                + "{'IPAMConfig':{'IPv4Address':'10.7.1.9','IPv6Address':'fd00:0:0:7::9'}}}}}");
    JsonNode network = inspect("/networks/" + id.substring(0, 12) + "?verbose=true&scope=local");
    assertThat(network.toString())
        .isEqualTo(
            quoted(
                "{'Name':'back','Id':'"
                    + id
                    + "','Created':'2026-01-02T03:04:05.006Z','Scope':'local','Driver':'bridge',"
                    + "'EnableIPv4':true,'EnableIPv6':true,'IPAM':{'Driver':'default',"
                    + "'Options':{'x':'y'},'Config':[{'Subnet':'10.7.0.0/16',"
                    + "'IPRange':'10.7.1.0/24','Gateway':'10.7.0.254',"
                    + "'AuxiliaryAddresses':{'router':'10.7.1.5'}},{'Subnet':'fd00:0:0:7::/64'}]},"
                    + "'Internal':false,'Attachable':true,'Ingress':false,"
                    + "'ConfigFrom':{'Network':''},'ConfigOnly':false,'Containers':{'"
                    + member
                    + "':{'Name':'made_up_1','EndpointID':'"
                    + network.at("/Containers/" + member + "/EndpointID").asText()
                    + "','MacAddress':'02:42:ac:11:00:02','IPv4Address':'10.7.1.9/16',"
                    + "'IPv6Address':'fd00:0:0:7::9/64'}},'Options':{'o':'p'},'Labels':{}}"));
    refused("GET", "/networks/nosuch", "", 404, "network nosuch not found");
    refused("GET", "/networks/back?scope=swarm", "", 404, "network back not found");
    refused(
        "GET",
        "/networks/back?verbose=maybe",
        "",
        400,
        "invalid value for verbose: maybe: strconv.ParseBool: parsing \"maybe\": invalid syntax");
  }

  @Test
  void noneAndHostAreThereWithoutAPlugin() throws Exception {
    String none = running("'HostConfig':{'NetworkMode':'none'}}");
    JsonNode network = inspect("/networks/none");
    assertThat(network.get("Driver").asText()).isEqualTo("null");
    assertThat(network.at("/Containers/" + none + "/Name").asText()).isEqualTo("made_up_1");
    String id = network.get("Id").asText();
    assertThat(inspect("/networks/" + id.substring(0, 20)).get("Name").asText()).isEqualTo("none");
    JsonNode settings = inspect("/containers/" + none + "/json").get("NetworkSettings");
    assertThat(settings.at("/Networks/none/NetworkID").asText()).isEqualTo(id);
    for (String name : List.of("none", "host", "bridge")) {
      refused(
          "DELETE",
          "/networks/" + name,
          "",
          403,
          name + " is a pre-defined network and cannot be removed");
    }
  }

  @Test
  void aNetworkIsMadeAsAsked() throws Exception {
    Client.Answer answer =
        client.ask(
            "POST",
            "/v1.47/networks/create",
            quoted(
                """
                {'Name':'back','CheckDuplicate':true,'Driver':'bridge','EnableIPv4':false,
                 'Options':{'warn':'1','com.docker.network.enable_ipv6':'true'},
                 'IPAM':{'Config':[{'Subnet':'10.7.0.0/16','Gateway':'10.7.0.1'}]}}
                """));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().get("Warning").asText()).isEqualTo("careful");
    NetworkRequest request = daemon.networks.requests.get(0);
    // Before API 1.48 there was no such member.
    assertThat(request.ipv4()).isTrue();
    assertThat(request.ipv6()).isTrue();
    assertThat(request.options()).containsKey("com.docker.network.enable_ipv6");
    assertThat(request.pools().get(0).gateway()).contains(IpText.parse("10.7.0.1"));
    post("/networks/create", "{'Name':'six','EnableIPv4':false,'EnableIPv6':true}");
    assertThat(daemon.networks.requests.get(1).ipv4()).isFalse();
    assertThat(daemon.networks.requests.get(1).pools()).isEmpty();
    refused(
        "POST",
        "/networks/create",
        "{'Name':'back'}",
        409,
        "network with name back already exists");
  }

  @Test
  void whatANetworkCannotBeIsSaidInDockersWords() throws Exception {
    String create = "/networks/create";
    refused(
        "POST",
        create,
        "{'Name':'n','IPAM':{'Config':[{'Subnet':'10.7.0.0'}]}}",
        400,
        "invalid network config:\ninvalid subnet 10.7.0.0: invalid CIDR block notation");
    refused(
        "POST",
        create,
        "{'Name':'n','IPAM':{'Config':[{'Subnet':'10.7.0.0/16','IPRange':'x','Gateway':'y',"
            + "'AuxiliaryAddresses':{'a':'z'}}]}}",
        400,
        """
        invalid network config:
        * invalid ip-range x: invalid CIDR block notation
        * invalid gateway y: invalid address
        * invalid auxiliary address a: invalid address""");
    refused(
        "POST",
        create,
        "{'Name':'n','Options':{'com.docker.network.enable_ipv6':'x'}}",
        400,
        "driver-opt \"com.docker.network.enable_ipv6\" is not a valid bool");
    refused(
        "POST",
        create,
        "{'Name':'n','Ingress':true}",
        501,
        "Taffrail does not support Ingress yet");
    refused(
        "POST",
        create,
        "{'Name':'n','ConfigOnly':true}",
        501,
        "Taffrail does not support ConfigOnly yet");
    String noSwarm =
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
            + " connect this node to swarm and try again.";
    refused("POST", create, "{'Name':'n','Scope':'swarm'}", 503, noSwarm);
    refused("POST", create, "{'Name':'n','Driver':'overlay'}", 403, noSwarm);
    assertThat(daemon.networks.requests).isEmpty();
  }

  @Test
  void networksGoUnlessTheyAreUsed() throws Exception {
    post("/networks/create", "{'Name':'back'}");
    post("/networks/create", "{'Name':'old','Labels':{'keep':''}}");
    post("/networks/create", "{'Name':'older'}");
    String member = running("'HostConfig':{'NetworkMode':'back'}}");
    refused(
        "DELETE",
        "/networks/back",
        "",
        403,
        "error while removing network: network back has active endpoints");
    Client.Answer pruned =
        client.ask("POST", "/networks/prune?filters=" + encode("{\"label!\":[\"keep\"]}"), "");
    assertThat(pruned.body()).isEqualTo("{\"NetworksDeleted\":[\"older\"]}\n");
    assertThat(client.ask("DELETE", "/networks/old", "").status()).isEqualTo(204);
    assertThat(client.ask("POST", "/networks/prune", "").body())
        .isEqualTo("{\"NetworksDeleted\":null}\n");
    client.ask("POST", "/containers/" + member + "/stop", "");
    assertThat(client.ask("DELETE", "/networks/back", "").status()).isEqualTo(204);
    refused("DELETE", "/networks/back", "", 404, "network back not found");
  }

  @Test
  void containersAreConnectedAndDisconnected() throws Exception {
    post("/networks/create", "{'Name':'back'}");
    String id = running("'HostConfig':{}}");
    post(
        "/networks/back/connect",
        "{'Container':'made_up_1','EndpointConfig':{'Aliases':['db'],"
            + "'IPAMConfig':{'IPv4Address':'172.18.0.77'},'DriverOpts':{'a':'b'},'GwPriority':5}}");
    JsonNode back = inspect("/containers/" + id + "/json").at("/NetworkSettings/Networks/back");
    assertThat(back.at("/IPAMConfig/IPv4Address").asText()).isEqualTo("172.18.0.77");
    assertThat(back.get("IPAddress").asText()).isEqualTo("172.18.0.77");
    assertThat(back.get("Aliases")).hasToString("[\"db\"]");
    assertThat(back.get("GwPriority").asInt()).isEqualTo(5);
    refused(
        "POST",
        "/networks/back/connect",
        "{'Container':'nosuch'}",
        404,
        "No such container: nosuch");
    refused("POST", "/networks/back/connect", "{}", 400, "invalid name or ID supplied: \"\"");
    refused(
        "POST",
        "/networks/nosuch/connect",
        "{'Container':'" + id + "'}",
        404,
        "network nosuch not found");
    refused(
        "POST",
        "/networks/back/connect",
        "{'Container':'" + id + "','EndpointConfig':{'IPAMConfig':{'IPv4Address':'x'}}}",
        400,
        "invalid endpoint settings:\ninvalid IPv4 address: x");
    post("/networks/back/disconnect", "{'Container':'" + id + "'}");
    assertThat(inspect("/containers/" + id + "/json").at("/NetworkSettings/Networks").toString())
        .doesNotContain("back");
    refused(
        "POST",
        "/networks/back/disconnect",
        "{'Container':'" + id + "'}",
        403,
        "container " + id + " is not connected to network back");
    refused(
        "POST",
        "/networks/back/disconnect",
        "{'Container':'nosuch','Force':true}",
        404,
        "endpoint nosuch not found");
  }

  @Test
  void noneAndHostAreNotForContainersOfAnotherMode() throws Exception {
    String bridged = running("'HostConfig':{}}");
    String none = running("'HostConfig':{'NetworkMode':'none'}}");
    String host = running("'HostConfig':{'NetworkMode':'host'}}");
    refused(
        "POST",
        "/networks/host/connect",
        "{'Container':'" + bridged + "'}",
        400,
        "cannot connect container to host network - container must be created in host network"
            + " mode");
    refused(
        "POST",
        "/networks/none/connect",
        "{'Container':'" + bridged + "'}",
        400,
        "container cannot be connected to multiple networks with one of the networks in private"
            + " (none) mode");
    post("/networks/none/connect", "{'Container':'" + none + "'}");
    refused(
        "POST",
        "/networks/host/disconnect",
        "{'Container':'" + host + "'}",
        400,
        "cannot disconnect container from host network - container was created in host network"
            + " mode");
    refused(
        "POST",
        "/networks/none/disconnect",
        "{'Container':'" + bridged + "'}",
        403,
        "container " + bridged + " is not connected to network none");
  }

  @Test
  void aCreateTellsAllItWantsOfNetworks() throws Exception {
    container("'HostConfig':{}}");
    String id =
        container(
            """
            'ExposedPorts':{'80':{},'53/udp':{}},
            'HostConfig':{'NetworkMode':'default','PublishAllPorts':true,
              'PortBindings':{'80/TCP':[{'HostIp':'127.0.0.1','HostPort':'8080'},
                                        {'HostPort':'8000-8010/tcp'}],'53/udp':null,'9':[{}]},
              'Dns':['10.0.0.1'],'DnsSearch':['a.b'],'DnsOptions':['ndots:2'],
              'ExtraHosts':['x:1.2.3.4','gw:host-gateway','six:::1'],
              'Links':['made_up_1:db','/made_up_1:/me/cache']},
            'NetworkingConfig':{'EndpointsConfig':{'default':{'MacAddress':'02-42-AC-11-00-09'},
              'back':{'Aliases':['w'],'Links':['made_up_1:one'],'GwPriority':3,
                'IPAMConfig':{'LinkLocalIPs':['169.254.1.1']}}}}}
            """);
    CreateRequest request = daemon.containers.requests.get(1);
    assertThat(request.networkMode()).isEqualTo("bridge");
    assertThat(request.exposedPorts()).containsExactlyInAnyOrder("80/tcp", "53/udp");
    assertThat(request.networking().ports())
        .containsExactlyInAnyOrder(
            new PortRequest("80/tcp", "127.0.0.1", "8080"),
            new PortRequest("80/tcp", "", "8000-8010"),
            new PortRequest("9/tcp", "", ""));
    assertThat(request.networking().publishAll()).isTrue();
    assertThat(request.networking().links()).containsExactly("made_up_1:db", "made_up_1:cache");
    Map<String, EndpointSettings> endpoints = request.networking().endpoints();
    assertThat(endpoints.get("bridge").mac()).contains("02:42:ac:11:00:09");
    assertThat(endpoints.get("back").links()).containsExactly("made_up_1:one");
    assertThat(endpoints.get("back").gatewayPriority()).isEqualTo(3);
    assertThat(endpoints.get("back").linkLocal()).containsExactly(IpText.parse("169.254.1.1"));

    JsonNode json = inspect("/containers/" + id + "/json");
    JsonNode host = json.get("HostConfig");
    assertThat(host.get("PortBindings").toString())
        .isEqualTo(
            quoted(
                "{'80/tcp':[{'HostIp':'127.0.0.1','HostPort':'8080'},"
                    + "{'HostIp':'','HostPort':'8000-8010'}],"
                    + "'9/tcp':[{'HostIp':'','HostPort':''}]}"));
    assertThat(host.get("PublishAllPorts").asBoolean()).isTrue();
    assertThat(host.get("Dns")).hasToString("[\"10.0.0.1\"]");
    assertThat(host.get("DnsSearch")).hasToString("[\"a.b\"]");
    assertThat(host.get("DnsOptions")).hasToString("[\"ndots:2\"]");
    assertThat(host.get("ExtraHosts"))
        .hasToString("[\"x:1.2.3.4\",\"gw:host-gateway\",\"six:::1\"]");
    assertThat(host.get("Links"))
        .hasToString("[\"/made_up_1:/made_up_2/db\",\"/made_up_1:/made_up_2/cache\"]");
    assertThat(json.at("/Config/MacAddress").asText()).isEqualTo("02:42:ac:11:00:09");
    assertThat(json.at("/NetworkSettings/Ports")).isEmpty();
    assertThat(json.at("/NetworkSettings/Networks/bridge/MacAddress").asText())
        .isEqualTo("02:42:ac:11:00:09");
    assertThat(json.at("/NetworkSettings/Networks/bridge/NetworkID").asText()).isEmpty();
  }

  @Test
  void olderClientsSayTheSameElsewhere() throws Exception {
    String two =
        "{'Image':'busybox','Cmd':['x'],'NetworkingConfig':{'EndpointsConfig':{'a':{},'b':{}}}}";
    refused(
        "POST",
        "/v1.43/containers/create",
        two,
        400,
        "Container cannot be created with multiple network endpoints: a, b");
    String mac =
        "{'Image':'busybox','Cmd':['x'],'MacAddress':'02:42:ac:11:00:07','HostConfig':"
            + "{'NetworkMode':'MODE'},'NetworkingConfig':{'EndpointsConfig':{'a':"
            + "{'macAddress':'02:42:ac:11:00:08','GwPriority':4}}}}";
    Client.Answer old =
        client.ask("POST", "/v1.43/containers/create", quoted(mac.replace("MODE", "a")));
    assertThat(old.json().get("Warnings")).isEmpty();
    EndpointSettings settings = daemon.containers.requests.get(0).networking().endpoints().get("a");
    assertThat(settings.mac()).contains("02:42:ac:11:00:07");
    assertThat(settings.gatewayPriority()).isZero();
    post(
        "/v1.43/containers/create",
        mac.replace("'MacAddress':'02:42:ac:11:00:07',", "").replace("MODE", "a"));
    assertThat(daemon.containers.requests.get(1).networking().endpoints().get("a").mac()).isEmpty();
    refused(
        "POST",
        "/v1.43/containers/create",
        mac.replace("MODE", "host"),
        400,
        "conflicting options: mac-address and the network mode");
    refused(
        "POST",
        "/v1.44/containers/create",
        mac.replace("MODE", "a"),
        400,
        "the container-wide MAC address must match the endpoint-specific MAC address for the main"
            + " network, or be left empty");
    refused(
        "POST",
        "/v1.44/containers/create",
        mac.replace("MODE", "b"),
        400,
        "unable to migrate container-wide MAC address to a specific network:"
            + " HostConfig.NetworkMode must match the identity of a network in"
            + " NetworkSettings.Networks");
    Client.Answer warned =
        client.ask(
            "POST",
            "/v1.44/containers/create",
            quoted("{'Image':'busybox','Cmd':['x'],'MacAddress':'02:42:ac:11:00:07'}"));
    assertThat(warned.json().at("/Warnings/0").asText())
        .isEqualTo(
            "The container-wide MacAddress field is now deprecated. It should be specified in"
                + " EndpointsConfig instead.");
    assertThat(daemon.containers.requests.get(2).networking().endpoints().get("bridge").mac())
        .contains("02:42:ac:11:00:07");
  }

  @Test
  void whatACreateGetsWrongIsSaidInDockersWords() throws Exception {
    host("'PortBindings':{'x/tcp':[]}", "invalid port specification: \"x\"");
    host("'PortBindings':{'0/tcp':[]}", "invalid port specification: \"0\"");
    host("'PortBindings':{'70000/tcp':[]}", "invalid port specification: \"70000\"");
    host("'PortBindings':{'80/icmp':[]}", "invalid proto: icmp");
    host("'PortBindings':{'80':[{'HostPort':'9-8'}]}", "invalid port specification: \"9-8\"");
    host("'PortBindings':{'80':[{'HostIp':'me'}]}", "invalid IP address: me");
    host("'ExtraHosts':['x']", "bad format for add-host: \"x\"");
    host("'ExtraHosts':['x:y']", "invalid IP address in add-host: \"y\"");
    host("'Dns':['x']", "IP address is not correctly formatted: x");
    host("'Links':['a:b:c']", "bad format for links: a:b:c");
    host("'Links':['nosuch:x']", "could not get container for nosuch: No such container: nosuch");
    network("'a':null", "invalid config for network a: EndpointsConfig is nil");
    network(
        "'a':{'IPAMConfig':{'IPv4Address':'0.0.0.0','IPv6Address':'1.2.3.4',"
            + "'LinkLocalIPs':['x']}}",
        """
        invalid config for network a: invalid endpoint settings:
        * invalid IPv4 address: 0.0.0.0
        * invalid IPv6 address: 1.2.3.4
        * invalid link-local IP address: x""");
    network(
        "'bridge':{'IPAMConfig':{'IPv4Address':'172.17.0.9'},'Aliases':['x']}",
        """
        invalid config for network bridge: invalid endpoint settings:
        * user specified IP address is supported on user defined networks only
        * network-scoped alias is supported only for containers in user defined networks""");
    network("'a':{'MacAddress':'x'}", "invalid config for network a: invalid MAC address x");
    refused(
        "POST",
        "/containers/create",
        "{'Image':'busybox','Cmd':['x'],'ExposedPorts':{'80/tcp':{}},"
            + "'HostConfig':{'NetworkMode':'container:x'}}",
        400,
        "conflicting options: port exposing and the container type network mode");
    assertThat(daemon.containers.requests).isEmpty();
  }

  private void host(String member, String message) throws IOException {
    refused(
        "POST",
        "/containers/create",
        "{'Image':'busybox','Cmd':['x'],'HostConfig':{" + member + "}}",
        400,
        message);
  }

  private void network(String member, String message) throws IOException {
    refused(
        "POST",
        "/containers/create",
        "{'Image':'busybox','Cmd':['x'],'NetworkingConfig':{'EndpointsConfig':{" + member + "}}}",
        400,
        message);
  }

  @Test
  void aContainerShowsItsAddressesWhileItRuns() throws Exception {
    String id =
        container(
            "'ExposedPorts':{'80/tcp':{},'443/tcp':{}},'HostConfig':{'PortBindings':"
                + "{'80/tcp':[{'HostPort':'8080'}]}}}");
    JsonNode created = inspect("/containers/" + id + "/json").get("NetworkSettings");
    assertThat(created.at("/Networks/bridge/NetworkID").asText()).isEmpty();
    assertThat(created.get("SandboxKey").asText()).isEmpty();
    post("/containers/" + id + "/start", "");
    JsonNode running = inspect("/containers/" + id + "/json").get("NetworkSettings");
    assertThat(running.get("Ports").toString())
        .isEqualTo(quoted("{'443/tcp':null,'80/tcp':[{'HostIp':'0.0.0.0','HostPort':'8080'}]}"));
    JsonNode bridge = running.at("/Networks/bridge");
    assertThat(bridge.get("NetworkID")).isEqualTo(inspect("/networks/bridge").get("Id"));
    assertThat(bridge.get("Gateway").asText()).isEqualTo("172.17.0.1");
    assertThat(bridge.get("DNSNames").isNull()).isTrue();
    for (JsonNode place : List.of(running, bridge)) {
      assertThat(place.get("IPAddress").asText()).isEqualTo("172.17.0.2");
      assertThat(place.get("IPPrefixLen").asInt()).isEqualTo(16);
      assertThat(place.get("MacAddress").asText()).isEqualTo("02:42:ac:11:00:02");
      assertThat(place.get("EndpointID").asText()).hasSize(64);
      assertThat(place.get("GlobalIPv6Address").asText()).isEmpty();
    }
    assertThat(running.get("SandboxKey").asText()).isEqualTo("/proc/4711/ns/net");
    assertThat(running.get("SandboxID").asText()).hasSize(64);
    client.ask("POST", "/containers/" + id + "/stop", "");
    JsonNode stopped = inspect("/containers/" + id + "/json").get("NetworkSettings");
    assertThat(stopped.get("Ports")).isEmpty();
    assertThat(stopped.get("IPAddress").asText()).isEmpty();
    assertThat(stopped.get("SandboxID").asText()).isEmpty();
    assertThat(stopped.at("/Networks/bridge/NetworkID")).isEqualTo(bridge.get("NetworkID"));
    assertThat(stopped.at("/Networks/bridge/IPAddress").asText()).isEmpty();
    assertThat(stopped.at("/Networks/bridge/EndpointID").asText()).isEmpty();
  }

  @Test
  void namesAreShownAsEachVersionKnowsThem() throws Exception {
    String network = post("/networks/create", "{'Name':'back'}");
    String id =
        container(
            "'HostConfig':{'NetworkMode':'"
                + network
                + "'},'NetworkingConfig':{'EndpointsConfig':{'"
                + network
                + "':{'Aliases':['db']}}}}");
    String place = "/NetworkSettings/Networks/back";
    String shortId = id.substring(0, 12);
    assertThat(inspect("/containers/" + id + "/json").at(place + "/DNSNames").isNull()).isTrue();
    post("/containers/" + id + "/start", "");
    client.ask("POST", "/containers/" + id + "/stop", "");
    JsonNode now = inspect("/v1.50/containers/" + id + "/json").at(place);
    assertThat(now.get("Aliases")).hasToString("[\"db\"]");
    assertThat(now.get("DNSNames")).hasToString("[\"made_up_1\",\"db\",\"" + shortId + "\"]");
    assertThat(now.has("GwPriority")).isTrue();
    JsonNode before = inspect("/v1.44/containers/" + id + "/json").at(place);
    assertThat(before.get("Aliases")).hasToString("[\"db\",\"" + shortId + "\"]");
    assertThat(before.has("DNSNames")).isTrue();
    assertThat(before.has("GwPriority")).isFalse();
    assertThat(inspect("/v1.43/containers/" + id + "/json").at(place).has("DNSNames")).isFalse();
  }

  @Test
  void aListShowsPortsAndNetworks() throws Exception {
    String network = post("/networks/create", "{'Name':'back'}");
    String id =
        running(
            "'ExposedPorts':{'80/tcp':{},'53/udp':{},'9/sctp':{}},'HostConfig':{'NetworkMode':"
                + "'back','PortBindings':{'80/tcp':[{'HostPort':'8080'},{'HostIp':'::1',"
                + "'HostPort':'8081'}],'53/udp':[{}]}}}");
    JsonNode summary = inspect("/containers/json").get(0);
    assertThat(summary.get("Ports").toString())
        .isEqualTo(
            quoted(
                "[{'PrivatePort':9,'Type':'sctp'},"
                    + "{'IP':'0.0.0.0','PrivatePort':53,'PublicPort':32768,'Type':'udp'},"
                    + "{'IP':'0.0.0.0','PrivatePort':80,'PublicPort':8080,'Type':'tcp'},"
                    + "{'IP':'::1','PrivatePort':80,'PublicPort':8081,'Type':'tcp'}]"));
    assertThat(summary.at("/HostConfig/NetworkMode").asText()).isEqualTo("back");
    assertThat(summary.at("/NetworkSettings/Networks/back/NetworkID").asText()).isEqualTo(network);
    assertThat(summary.at("/NetworkSettings/Networks/back/IPAddress").asText())
        .isEqualTo("172.18.0.2");
    assertThat(daemon.networks.lists()).as("a container that runs knows its networks").isZero();
    String other = running("'HostConfig':{}}");
    assertThat(ids("{'network':['back']}")).containsExactly(id);
    assertThat(ids("{'network':['" + network.substring(0, 12) + "']}")).containsExactly(id);
    assertThat(ids("{'network':['bridge']}")).containsExactly(other);
    assertThat(ids("{'publish':['8080']}")).containsExactly(id);
    assertThat(ids("{'publish':['8000-8090/tcp']}")).containsExactly(id);
    assertThat(ids("{'publish':['8080/udp']}")).isEmpty();
    assertThat(ids("{'expose':['9/sctp']}")).containsExactly(id);
    assertThat(ids("{'expose':['81-90']}")).isEmpty();
    client.ask("POST", "/containers/" + id + "/stop", "");
    JsonNode stopped =
        inspect("/containers/json?all=1&filters=" + encode("{\"network\":[\"back\"]}")).get(0);
    assertThat(stopped.get("Ports")).isEmpty();
    assertThat(stopped.at("/NetworkSettings/Networks/back/NetworkID").asText()).isEqualTo(network);
    assertThat(stopped.at("/NetworkSettings/Networks/back/IPAddress").asText()).isEmpty();
  }

  private List<String> ids(String filter) throws IOException {
    return inspect("/containers/json?filters=" + encode(quoted(filter))).findValuesAsText("Id");
  }

  @Test
  void eventsOfNetworksAreThoseOfDocker() throws Exception {
    String network = post("/networks/create", "{'Name':'back','Driver':'bridge'}");
    String id = running("'HostConfig':{'NetworkMode':'back'}}");
    client.ask("POST", "/containers/" + id + "/stop", "");
    client.ask("DELETE", "/networks/back", "");
    running("'HostConfig':{'NetworkMode':'none'}}");
    List<JsonNode> all = events("{}");
    assertThat(all.stream().map(NetworkApiTest::line))
        .containsExactly(
            "network create back",
            "container create made_up_1",
            "network connect back",
            "container start made_up_1",
            "container kill made_up_1",
            "container die made_up_1",
            "network disconnect back",
            "container stop made_up_1",
            "network destroy back",
            "container create made_up_2",
            "network connect none",
            "container start made_up_2");
    JsonNode connect = events("{'type':['network'],'event':['connect']}").get(0);
    assertThat(connect.has("status")).isFalse();
    assertThat(connect.at("/Actor/ID").asText()).isEqualTo(network);
    assertThat(connect.at("/Actor/Attributes/type").asText()).isEqualTo("bridge");
    assertThat(connect.at("/Actor/Attributes/container").asText()).isEqualTo(id);
    assertThat(events("{'network':['back']}")).hasSize(4);
    assertThat(events("{'network':['" + network.substring(0, 12) + "']}")).hasSize(4);
    assertThat(events("{'network':['nosuch']}")).isEmpty();
    assertThat(events("{'container':['made_up_1']}")).hasSize(5);
  }

  private static String line(JsonNode event) {
    return event.get("Type").asText()
        + " "
        + event.get("Action").asText()
        + " "
        + event.at("/Actor/Attributes/name").asText();
  }

  private List<JsonNode> events(String filters) throws Exception {
    Instant now = Instant.now();
    while (!Instant.now().isAfter(now)) {
      Thread.onSpinWait();
    }
    Client.Answer answer =
        client.get(
            "/events?until="
                + now.getEpochSecond()
                + "."
                + String.format("%09d", now.getNano())
                + "&filters="
                + encode(quoted(filters)));
    List<JsonNode> events = new ArrayList<>();
    for (String line : answer.body().lines().toList()) {
      events.add(new ObjectMapper().readTree(line));
    }
    return events;
  }

  @Test
  void infoNamesTheDrivers() throws Exception {
    assertThat(inspect("/info").at("/Plugins/Network"))
        .hasToString("[\"bridge\",\"host\",\"null\"]");
  }
}
