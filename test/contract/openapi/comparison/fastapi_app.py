"""The app whose OpenAPI documents are compared: what people write with FastAPI, once with Pydantic 2 and once with Pydantic 1.

    python3 fastapi_app.py > gen/fastapi-pydantic-2.json

wrote the documents in gen; `info.description` of each says with which versions. Pydantic 1 is Debian's python3-fastapi.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Dict, List, Literal, Optional, Set, Tuple, Union
from uuid import UUID

import fastapi
import pydantic
from fastapi import Body, Cookie, Depends, FastAPI, File, Form, Header, Path, Query, Response, UploadFile
from fastapi.security import HTTPBearer, OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel, Field

# Pydantic 2 calls it `pattern`.
PATTERN = "regex" if pydantic.VERSION.startswith("1.") else "pattern"

app = FastAPI(
    title="Inventory",
    description=f"Written by FastAPI {fastapi.__version__} with Pydantic {pydantic.VERSION} of fastapi_app.py.",
    servers=[{"url": "https://inventory.example/api"}],
)
oauth2 = OAuth2PasswordBearer(tokenUrl="token")
bearer = HTTPBearer()


class State(str, Enum):
    new = "new"
    used = "used"
    broken = "broken"


class Priority(IntEnum):
    low = 1
    high = 2


class Dimensions(BaseModel):
    width: float = Field(gt=0)
    height: Optional[float] = None

    class Config:
        extra = "forbid"


class ItemIn(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    price: Decimal
    description: str | None = Field(default=None, title="Description", max_length=200)
    tags: Set[str] = set()
    state: State = State.new
    priority: Optional[Priority] = None
    dimensions: Dimensions | None = None
    attributes: Dict[str, Union[str, int]] = {}
    corner: Tuple[int, int] | None = None
    kind: Literal["part", "whole"] = "part"
    code: str = Field(default="AB-1", **{PATTERN: r"^[A-Z]{2}-\d+$"})
    added: datetime | None = None
    anything: Any = None


class Item(ItemIn):
    id: int
    parts: List["Item"] = []


class CardPayment(BaseModel):
    kind: Literal["card"]
    number: str = Field(**{PATTERN: r"^[0-9]{12,19}$"})


class InvoicePayment(BaseModel):
    kind: Literal["invoice"]
    days: int = Field(default=30, ge=0, le=90)


class OrderPatch(BaseModel):
    quantity: int | None = Field(default=None, ge=0)
    due: Optional[date] = None


if hasattr(Item, "update_forward_refs") and PATTERN == "regex":
    Item.update_forward_refs()


@app.get("/items/", response_model=List[Item], tags=["items"])
def list_items(
    q: str | None = Query(default=None, max_length=50),
    limit: Optional[int] = Query(default=None, ge=1, le=100),
    offset: Annotated[int, Query(ge=0)] = 0,
    active: bool | None = None,
    tag: Annotated[List[str] | None, Query()] = None,
    ids: List[int] = Query(default=[]),
    states: Optional[List[State]] = Query(default=None, alias="state[]"),
    state: State | None = None,
    sort: Literal["name", "price"] = "name",
    since: date | None = None,
    max_price: float | None = Query(default=None, gt=0),
    either: int | bool | None = None,
    x_request_source: str | None = Header(default=None),
    x_retry: int | None = Header(default=None),
    x_token: List[str] | None = Header(default=None),
    session: str | None = Cookie(default=None),
):
    """Lists items, newest first."""


@app.post("/items/", response_model=Item, status_code=201, tags=["items"])
def create_item(item: ItemIn, dry_run: bool = False, token: str = Depends(oauth2)):
    pass


@app.get("/items/{item_id}", response_model=Item, tags=["items"], responses={404: {"description": "No such item"}})
def read_item(item_id: int = Path(ge=1)):
    pass


@app.put("/items/{item_id}", tags=["items"])
def replace_item(item_id: int, item: ItemIn | None = None):
    pass


@app.patch("/items/{item_id}", tags=["items"])
def rate_item(item_id: int, stars: int = Body(ge=1, le=5), comment: str | None = Body(default=None)):
    pass


@app.delete("/items/{item_id}", status_code=204, response_class=Response, tags=["items"])
def delete_item(item_id: int, if_match: str = Header(), credentials=Depends(bearer)):
    pass


@app.post("/items/{item_id}/images", tags=["items"], deprecated=True)
def add_images(
    item_id: int,
    images: List[UploadFile],
    thumbnail: bytes | None = File(default=None),
    caption: str = Form(max_length=80),
    position: int | None = Form(default=None, ge=0),
    labels: List[str] = Form(default=[]),
):
    pass


@app.get("/shelves/{shelf}/{level}")
def read_shelf(
    shelf: str = Path(**{PATTERN: r"^[A-Z]\d{2}$"}), level: Priority = Path(), state: State = State.new
):
    pass


@app.get("/files/{path:path}")
def read_file(path: str):
    pass


@app.post("/payments")
def pay(payment: Union[CardPayment, InvoicePayment] = Body(discriminator="kind")):
    pass


@app.post("/token")
def login(form: OAuth2PasswordRequestForm = Depends()):
    pass


@app.patch("/users/{user_id}/orders", responses={200: {"description": "Changed", "model": List[OrderPatch]}})
def update_orders(user_id: UUID, orders: Dict[str, OrderPatch]):
    pass


@app.post("/notes", status_code=202)
def add_note(text: str = Body(embed=True, min_length=1), pinned: Annotated[bool, Body()] = False):
    pass


print(json.dumps(app.openapi(), indent=2, ensure_ascii=False))
