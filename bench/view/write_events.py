"""As many image records as asked for, of the pictures of a list, as TensorBoard reads them: write_events.py LIST FOLDER COUNT"""
import json
import pathlib
import struct
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

files, folder, count = json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2], int(sys.argv[3])
pictures = [pathlib.Path(file).read_bytes() for file in files]
writer = EventFileWriter(folder)
for step in range(count):
    data = pictures[step % len(pictures)]
    width, height = struct.unpack(">II", data[16:24])
    image = Summary.Image(encoded_image_string=data, width=width, height=height, colorspace=3)
    writer.add_event(Event(step=step, summary=Summary(value=[Summary.Value(tag="edit", image=image)])))
writer.close()
print("written", flush=True)
