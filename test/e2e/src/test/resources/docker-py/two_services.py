"""Two services on a network of their own, by docker-py: they find each other by name, and publish ports.

Runs where the daemon's ports are, with DOCKER_HOST set and an image "busybox" there. Leaves nothing behind.
"""

import time
import urllib.request

import docker
from docker.types import IPAMConfig, IPAMPool

WEB = r"""
mkdir -p /www/cgi-bin
printf '#!/bin/sh\necho\ntimeout 5 wget -qO- http://db:8080/rows\n' > /www/cgi-bin/rows
chmod +x /www/cgi-bin/rows
echo web > /www/index.html
exec httpd -f -h /www -p 80
"""
DB = "mkdir -p /www; echo 'three rows' > /www/rows; exec httpd -f -h /www -p 8080"


def fetch(port, path):
    """Asks until the service is there, which docker start does not wait for."""
    for attempt in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.read().decode().strip()
        except OSError:
            if attempt == 99:
                raise
            time.sleep(0.05)


def refused(error, call):
    try:
        call()
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"no {error.__name__}")


def host_port(container, port):
    container.reload()
    return container.ports[port][0]["HostPort"]


def play(client):
    begun = time.time()
    back = client.networks.create(
        "back",
        driver="bridge",
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet="10.77.0.0/24", gateway="10.77.0.1")]),
        labels={"app": "two-services"},
    )
    assert [found.name for found in client.networks.list(filters={"label": "app=two-services"})] == ["back"]

    db = client.containers.run("busybox", ["sh", "-c", DB], name="db", detach=True, network="back")
    web = client.containers.run(
        "busybox",
        ["sh", "-c", WEB],
        name="web",
        detach=True,
        network="back",
        ports={"80/tcp": None, "9000/udp": ("127.0.0.1", 9000)},
    )
    port = host_port(web, "80/tcp")
    assert fetch(port, "/") == "web"
    assert fetch(port, "/cgi-bin/rows") == "three rows"
    assert web.ports["9000/udp"] == [{"HostIp": "127.0.0.1", "HostPort": "9000"}], web.ports

    back.reload()
    assert sorted(each.name for each in back.containers) == ["db", "web"]
    addresses = {each["IPv4Address"] for each in back.attrs["Containers"].values()}
    assert addresses == {"10.77.0.2/24", "10.77.0.3/24"}, addresses
    assert back.attrs["IPAM"]["Config"][0]["Subnet"] == "10.77.0.0/24"

    # One that is created with its networking configuration, as docker-compose does it.
    created = client.api.create_container(
        "busybox",
        ["timeout", "5", "wget", "-qO-", "http://storage:8080/rows"],
        networking_config=client.api.create_networking_config(
            {"back": client.api.create_endpoint_config(ipv4_address="10.77.0.99", aliases=["reader"])}
        ),
        host_config=client.api.create_host_config(network_mode="back"),
    )
    reader = client.containers.get(created["Id"])
    back.disconnect(db)
    assert "back" not in client.containers.get("db").attrs["NetworkSettings"]["Networks"]
    back.connect(db, aliases=["storage"], ipv4_address="10.77.0.50")
    reader.start()
    assert reader.wait()["StatusCode"] == 0, reader.logs()
    assert reader.logs() == b"three rows\n", reader.logs()
    reader.reload()
    assert reader.attrs["NetworkSettings"]["Networks"]["back"]["IPAMConfig"]["IPv4Address"] == "10.77.0.99"

    refused(docker.errors.NotFound, lambda: client.networks.get("no-such-network"))
    assert "has active endpoints" in refused(docker.errors.APIError, back.remove)
    taken = client.containers.create("busybox", ["true"], ports={"80/tcp": int(port)})
    assert "port is already allocated" in refused(docker.errors.APIError, taken.start)
    taken.remove()

    for container in (reader, web, db):
        container.remove(force=True)
    assert client.networks.prune({"label": "app=two-services"})["NetworksDeleted"] == ["back"]
    kinds = [
        event["Action"]
        for event in client.events(since=int(begun), until=int(time.time()) + 1, decode=True)
        if event["Type"] == "network" and event["Actor"]["Attributes"].get("name") == "back"
    ]
    assert kinds[0] == "create" and kinds[-1] == "destroy", kinds
    assert kinds.count("connect") == 4, kinds


if __name__ == "__main__":
    engine = docker.from_env()
    play(engine)
    print("two services,", docker.__version__)
