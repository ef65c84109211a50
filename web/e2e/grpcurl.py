"""Does what grpcurl does with the arguments that the pages give to copy: it finds the method by the gateway's own
reflection, reads the message as strict ProtoJSON, and prints each answer as JSON."""
import argparse

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

parser = argparse.ArgumentParser()
parser.add_argument("-plaintext", action="store_true", required=True)
parser.add_argument("-H", dest="header", required=True)
parser.add_argument("-d", dest="data", required=True)
parser.add_argument("address")
parser.add_argument("method")
asked = parser.parse_args()

service, name = asked.method.split("/")
header, value = asked.header.split(": ", 1)
with grpc.insecure_channel(asked.address) as channel:
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    method = pool.FindServiceByName(service).FindMethodByName(name)
    request = json_format.Parse(asked.data, GetMessageClass(method.input_type)(), descriptor_pool=pool)
    call = (channel.unary_stream if method.server_streaming else channel.unary_unary)(
        f"/{asked.method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    answer = call(request, metadata=[(header, value)], timeout=20)
    for message in answer if method.server_streaming else [answer]:
        print(json_format.MessageToJson(message, indent=None, descriptor_pool=pool))
